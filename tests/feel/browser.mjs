// Evaluates the expressions that stand in a file with the FEEL of form-js. Usage: browser.mjs FEELIN FILE
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

const { evaluate } = await import(pathToFileURL(process.argv[2]));
const cases = JSON.parse(readFileSync(process.argv[3], 'utf8'));

function plain(value) {
  if (value === null || value === undefined) return null;
  if (typeof value === 'function') return { kind: 'function' };
  if (Array.isArray(value)) return value.map(plain);
  const name = value.constructor?.name;
  if (name === 'DateTime' || name === 'Duration') return { kind: name, text: value.toISO() };
  if (name === 'Range' || name === 'FunctionWrapper') return { kind: name };
  if (typeof value === 'object') return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, plain(v)]));
  return value;
}

const found = cases.map(([text, context]) => {
  try {
    return plain(evaluate(text, context).value);
  } catch (error) {
    return { kind: 'error', text: String(error.message) };
  }
});
process.stdout.write(JSON.stringify(found));
