/* Loaded before a child's own program: a child ends when the channel to its parent closes, whatever ended the parent. */
process.once('disconnect', () => {
  process.kill(process.pid, 'SIGTERM');
  setTimeout(() => process.exit(1), 3000).unref();
});
// Listening must not keep a child alive that has nothing left to do.
process.channel?.unref();
