/*
 * A minimal parent process for PostgreSQL: a shell that holds the other end of a pipe. When Daybook ends in any way, kill -9
 * included, the pipe closes and the shell shuts the server down: fast at first, immediately after 3 seconds.
 * `remove` is a folder to remove in the end (databases of tests).
 */
const script = `
remove=$1; shift
"$@" </dev/null 3<&- & server=$!
(
  while read -r _; do :; done
  kill -INT $server
  i=0; while [ $i -lt 6 ] && kill -0 $server 2>/dev/null; do sleep 0.5; i=$((i+1)); done
  kill -QUIT $server 2>/dev/null; sleep 0.7
  kill -KILL $server 2>/dev/null
) <&3 3<&- & guard=$!
exec 3<&-
trap '' INT TERM HUP
wait $server; status=$?
kill -KILL $guard 2>/dev/null
[ -n "$remove" ] && rm -rf "$remove"
exit $status
`;

/** The command that runs `command` for as long as file descriptor 3 stays open. */
export const watched = (command: readonly string[], remove = ''): string[] => [
  '/bin/sh',
  '-c',
  script,
  'daybook-postgres',
  remove,
  ...command,
];
