import manifest from '../package.json' with { type: 'json' };

/** Of Daybook: every package of the workspace carries the same one (libs/suite/src/version.spec.ts). */
export const { version } = manifest;
