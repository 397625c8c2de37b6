import manifest from '../package.json' with { type: 'json' };

/** Of Daybook: every package of the workspace carries the same one (libs/app/src/version.spec.ts). */
export const { version } = manifest;
