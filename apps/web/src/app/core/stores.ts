/** What the browser keeps. A store that is switched off finds nothing; one that is full or forbidden keeps nothing. */
export interface Store {
  get(key: string): string | null;
  /** Whether it is kept. */
  set(key: string, text: string): boolean;
  remove(key: string): void;
}
const storeOf = (of: () => Storage): Store => {
  const tried = <T>(work: (store: Storage) => T, otherwise: T): T => {
    try {
      return work(of());
    } catch {
      return otherwise;
    }
  };
  return {
    get: (key) => tried((store) => store.getItem(key), null),
    set: (key, text) => tried((store) => (store.setItem(key, text), true), false),
    remove: (key) => tried((store) => store.removeItem(key), undefined),
  };
};

/** Of this device, until it is removed. */
export const onDevice = storeOf(() => localStorage);
/** Of this tab, until it is closed. */
export const inTab = storeOf(() => sessionStorage);
