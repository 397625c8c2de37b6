import { compiled } from '../source.mjs';

/* Jest's TypeScript transform, used only to count the branches of files that no spec loaded. */
export default { process: (_source, path) => ({ code: compiled(path) }) };
