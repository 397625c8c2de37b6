/*
 * A problem code has one HTTP status, wherever it is answered. Codes are read from the sources: from each call of `reject`,
 * and of each function that passes a parameter on to `reject` as the code or the status (`notFound(what, code)`). A code made of
 * the name of a record counts by its ending: `*-not-found`.
 */
import ts from 'typescript';

/** The status of a rejection that names none. */
const usual = { values: [409] };
const isText = (node) => ts.isStringLiteralLike(node) || ts.isTemplateExpression(node);
const namedBy = (fn) => (fn.name ?? (ts.isVariableDeclaration(fn.parent) ? fn.parent.name : undefined))?.text;

/** Is this name declared in the file, or imported into it? */
const imports = (file, name) => new RegExp(`import[^;]*\\b${name}\\b[^;]*from`).test(file.text);
const sees = (file, declaredIn, name) => declaredIn === file || imports(file, name);

/** Where `name` is a parameter of a function around the node: the function, and the parameter's position. */
function parameterOf(name, node) {
  for (let fn = node.parent; fn; fn = fn.parent) {
    if (!ts.isFunctionLike(fn)) continue;
    const index = fn.parameters.findIndex((one) => one.name.text === name);
    if (index >= 0) return { fn, index };
  }
  return null;
}

/** The statuses of each code in `sources` (path and text), with where; and the calls whose code or status cannot be read. */
export function problemCodes(sources) {
  const [codes, unread, constants, calls] = [new Map(), [], new Map(), new Map()];
  const add = (map, key, value) => map.set(key, [...(map.get(key) ?? []), value]);
  const look = (node) => {
    if (ts.isVariableDeclaration(node) && node.initializer && isText(node.initializer)) {
      add(constants, node.name.text, node);
    }
    if (ts.isCallExpression(node) && ts.isIdentifier(node.expression)) add(calls, node.expression.text, node);
    ts.forEachChild(node, look);
  };
  for (const [path, text] of sources) look(ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true));
  const seenFrom = (node, name) => (one) => sees(one.getSourceFile(), node.getSourceFile(), name);

  /** What an expression can be: the `values` in the text, the `parameter` that it is, or neither. */
  const possible = (node) => {
    if (ts.isStringLiteralLike(node)) return { values: [node.text] };
    if (ts.isTemplateExpression(node)) return { values: [`*${node.templateSpans.at(-1).literal.text}`] };
    if (ts.isNumericLiteral(node)) return { values: [Number(node.text)] };
    if (ts.isConditionalExpression(node)) {
      const [yes, no] = [possible(node.whenTrue), possible(node.whenFalse)];
      return yes.values && no.values ? { values: [...yes.values, ...no.values] } : {};
    }
    if (!ts.isIdentifier(node)) return {};
    const parameter = parameterOf(node.text, node);
    if (parameter) return { parameter };
    const file = node.getSourceFile();
    const [constant] = (constants.get(node.text) ?? []).filter((one) => sees(file, one.getSourceFile(), node.text));
    return constant ? possible(constant.initializer) : {};
  };
  const statusIn = (options) => {
    if (options === undefined) return usual;
    if (!ts.isObjectLiteralExpression(options)) return {};
    const given = options.properties.find((one) => one.name?.text === 'status');
    return given ? possible(given.initializer ?? given.name) : usual;
  };
  const argument = (known, call) => {
    if (!known.parameter) return known;
    const { fn, index } = known.parameter;
    const given = call.arguments[index] ?? fn.parameters[index].initializer;
    return given ? possible(given) : {};
  };
  const place = (node) => {
    const file = node.getSourceFile();
    return `${file.fileName}:${file.getLineAndCharacterOfPosition(node.getStart()).line + 1}`;
  };
  /** A call that makes a rejection with this code and status; where these are parameters, the calls of that function. */
  const read = (call, code, status) => {
    const fns = new Set([code.parameter, status.parameter].flatMap((one) => (one ? [one.fn] : [])));
    const isKnown = (one) => one.values !== undefined || one.parameter !== undefined;
    if (!isKnown(code) || !isKnown(status) || fns.size > 1) unread.push(place(call));
    for (const one of code.values ?? []) {
      for (const each of status.values ?? []) {
        if (!codes.has(one)) codes.set(one, new Map());
        add(codes.get(one), each, place(call));
      }
    }
    for (const fn of fns) {
      const name = namedBy(fn);
      for (const outer of (calls.get(name) ?? []).filter(seenFrom(fn, name))) {
        read(outer, argument(code, outer), argument(status, outer));
      }
    }
  };
  for (const call of calls.get('reject') ?? []) {
    const [code, message, options] = call.arguments;
    // With one argument, it is the `reject` of a promise.
    if (message !== undefined) read(call, possible(code), statusIn(options));
  }
  return { codes, unread };
}

/** One sentence per code that is answered with several statuses. */
export const severalStatuses = (codes) =>
  [...codes]
    .filter(([, statuses]) => statuses.size > 1)
    .map(([code, statuses]) => {
      const each = [...statuses].map(([status, places]) => `${status} (${places.join(', ')})`);
      return `${code} is answered as ${each.join(' and as ')}.`;
    });
