import { readFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';

const anywhere = ['0.0.0.0', '::'];
const here = /^(localhost|127\.[\d.]+|::1)$/;
const bracketed = (host) => (host.includes(':') ? `[${host}]` : host);

/** The host by which this machine reaches a server that listens there. */
export const reachable = (host) => (anywhere.includes(host) ? '127.0.0.1' : bracketed(host));

/** Working addresses of a server that listens on the host: from this machine first, then from others. */
export function addressesOf(host, port, interfaces = networkInterfaces()) {
  const at = (name) => `http://${bracketed(name)}:${port}`;
  if (!anywhere.includes(host)) return [at(here.test(host) && host !== '::1' ? 'localhost' : host)];
  const outside = Object.values(interfaces)
    .flat()
    .filter(({ internal, family }) => !internal && (family === 'IPv4' || host === '::'))
    // Link-local ones work with the name of an interface only.
    .filter(({ address }) => !address.startsWith('fe80:'));
  return [at('localhost'), ...outside.map(({ address }) => at(address))];
}

/** The first password is shown once; whether it was changed since is not known here. */
const passwordOf = ({ chosen, password, isNew = true }, { path }) => {
  if (chosen || password === null) return 'the one you chose';
  return isNew ? password : `the one in ${join(path, 'login')}, or the one you chose since`;
};

/** What a person reads once everything runs. */
export function welcome(root, { options, port, login, folder, database, seconds, interfaces }) {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const [first, ...others] = addressesOf(options.host, port, interfaces);
  const password = passwordOf(login, folder);
  const isOpen = others.length > 0 || !first.startsWith('http://localhost:');
  const fromOthers = `
  From other machines the console needs https: on plain http, browsers turn off features that it needs.
  Put a proxy with TLS in front of it, and set DAYBOOK_URL (docs/operator.md, "Other machines").
`;
  return `
  Daybook ${version}, ready after ${seconds.toFixed(1)} s

  Console    ${[first, ...others].join('\n             ')}
  Login      ${login.email}
  Password   ${password}

  REST       ${first}/docs      GraphQL  ${first}/graphql (POST)
  Data       ${folder.path}${database.dir === null ? ' (database at DATABASE_URL)' : ''}
  Stop       Ctrl-C
${isOpen ? fromOthers : ''}`;
}
