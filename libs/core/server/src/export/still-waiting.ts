/** It is tried again, and no attempt is used up. */
export class StillWaiting extends Error {
  override readonly name = 'StillWaiting';
}
