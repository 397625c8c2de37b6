/* Preloaded into each child: it ends when the IPC channel to its parent closes, however the parent ended. */
process.once('disconnect', () => {
  process.kill(process.pid, 'SIGTERM');
  setTimeout(() => process.exit(1), 3000).unref();
});
// The channel must not keep a child alive that has nothing left to do.
process.channel?.unref();
