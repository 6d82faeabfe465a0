// Microseconds that feelin takes. Usage: feel.mjs FEELIN CASES; CASES are [text, context, wanted] in JSON.
import { pathToFileURL } from 'node:url';

const { evaluate, parseExpression } = await import(pathToFileURL(process.argv[2]));
const own = {
  'working days after': (from, n) => {
    let day = from;
    for (let left = n; left > 0; ) {
      day = day.plus({ days: 1 });
      if (day.weekday < 6) left -= 1;
    }
    return day;
  }
};

function micros(call) {
  let rounds = 200;
  for (let i = 0; i < rounds; i++) call();
  const runs = [];
  for (let run = 0; run < 9; run++) {
    const began = process.hrtime.bigint();
    for (let i = 0; i < rounds; i++) call();
    runs.push(Number(process.hrtime.bigint() - began) / 1000 / rounds);
  }
  return runs.sort((a, b) => a - b)[4];
}

const figures = JSON.parse(process.argv[3]).map(([text, context, wanted]) => {
  const names = { ...context, ...own };
  const { value } = evaluate(text, names);
  if (value !== wanted) throw new Error(`${text} is ${JSON.stringify(value)}`);
  return { evaluate: micros(() => evaluate(text, names)), parse: micros(() => parseExpression(text, names)) };
});
process.stdout.write(JSON.stringify(figures));
