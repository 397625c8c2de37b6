/** Addresses and keys that the console itself has. */
const taken = {
  tenant: ['', 'account', 'c', 'email', 'invitation', 'password', 'sign-in', 'system'],
  company: [''],
  keys: ['H', 'S'],
};

/** A sentence for each first word of an address, and each key after G, that two contexts have, or one and the console. */
export function ambiguous(contexts) {
  const claims = contexts.flatMap(({ name, words, pages }) => [
    ...words.tenant.map((word) => ({ name, what: `the address /${word}`, own: taken.tenant.includes(word) })),
    ...words.company.map((word) => ({ name, what: `the address /c/…/${word}`, own: taken.company.includes(word) })),
    ...pages.flatMap(({ key }) => (key ? [{ name, what: `the keys G ${key}`, own: taken.keys.includes(key) }] : [])),
  ]);
  const others = ({ name, what, own }, index) => [
    ...(own ? ['the console'] : []),
    ...claims.slice(0, index).flatMap((one) => (one.what === what ? [one.name] : [])),
  ];
  return claims.flatMap((claim, index) =>
    others(claim, index).map((other) => `${claim.name} and ${other} both have ${claim.what}.`),
  );
}
