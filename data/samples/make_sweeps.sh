#!/usr/bin/env bash
# Makes simulated-sweeps.zip: two AIPerf sweeps against a simulated server on loopback. The timings
# are a latency model's, not any GPU's.
#
# Needs: MOCK, a streaming OpenAI-compatible mock server with the options below; TOKENIZER, a folder
# with its tokenizer; AIPERF, the aiperf 0.13 command; PYTHON. Usage: make_sweeps.sh OUT_DIR
set -euo pipefail
out=$1
sweep() {
  local name=$1 port=$2
  shift 2
  "$PYTHON" "$MOCK" --port "$port" "$@" &
  local server=$!
  trap 'kill $server' RETURN
  sleep 3
  for c in 1 10 50 100 250; do
    local n=$((c * 10))
    [ "$n" -lt 60 ] && n=60
    "$AIPERF" profile --artifact-dir "$out/$name/concurrency_$c" -m Qwen/Qwen3-32B-FP8 --endpoint-type chat --streaming \
      -u "http://127.0.0.1:$port" --tokenizer "$TOKENIZER" --isl 1000 --isl-stddev 0 --osl 100 --osl-stddev 0 \
      --extra-inputs ignore_eos:true --concurrency "$c" --num-requests "$n" --warmup-request-count "$c" --random-seed 100 --ui none
  done
}
sweep aic-configured 8101 --prefill-base-ms 25 --prefill-ms-per-tok 0.06 --prefill-slots 4 --itl-base-ms 6.5 --itl-slope 0.012 --seed 1
sweep baseline 8102 --prefill-base-ms 40 --prefill-ms-per-tok 0.09 --prefill-slots 2 --itl-base-ms 8.2 --itl-slope 0.03 --seed 2
# The zip holds profile_export_aiperf.json of every load and profile_export.jsonl of 10 and 50;
# folders of the machine in `artifact_dir`, `tokenizer` and the command line are cut to their last part.
