// Times the exported functions of the module `cost_wasm` and prints JSON of the shape that the native program prints.
import { readFileSync } from "node:fs";

const { instance } = await WebAssembly.instantiate(readFileSync(process.argv[2]), {});
const { load, decode, estimate, sweep, tenfold } = instance.exports;

function best(runs, work) {
  let least = Infinity;
  for (let i = 0; i < runs; i++) {
    const start = performance.now();
    work();
    least = Math.min(least, performance.now() - start);
  }
  return least;
}

const out = {};
for (const [number, name] of ["aic-0.2", "aic-0.12"].entries()) {
  load(number);
  const first = best(1, sweep);
  const hundred = best(20, () => { for (let i = 0; i < 100; i++) estimate(); });
  out[name] = {
    decode_ms: best(10, decode),
    first_sweep_ms: first,
    sweep_ms: best(20, sweep),
    tenfold_ms: best(3, tenfold),
    estimate_us: hundred * 10,
    points: sweep(),
    tenfold_points: tenfold(),
  };
}
console.log(JSON.stringify(out));
