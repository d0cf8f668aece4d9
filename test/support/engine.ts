// Where the tests run, for the few that are about one place. Must not know the library.

/** False in browsers. */
export const inNode = globalThis.process?.versions?.node !== undefined;
