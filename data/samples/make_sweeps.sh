#!/usr/bin/env bash
# Makes simulated-sweeps.zip: AIPerf sweeps against two simulated servers on loopback, the timings of which are a
# latency model's and not any GPU's, and what AIConfigurator projects for the longer of the two workloads.
#
# Needs: MOCK, a streaming OpenAI-compatible mock server with the options below; TOKENIZER, a folder
# with its tokenizer; AIPERF, the aiperf 0.13 command; AIC, the aiconfigurator 0.12.0 command; PYTHON.
# Usage: make_sweeps.sh OUT_DIR
set -euo pipefail
out=$1
load() {
  local dir=$1 port=$2 c=$3 isl=$4 osl=$5 n=$6
  "$AIPERF" profile --artifact-dir "$out/$dir/concurrency_$c" -m Qwen/Qwen3-32B-FP8 --endpoint-type chat --streaming \
    -u "http://127.0.0.1:$port" --tokenizer "$TOKENIZER" --isl "$isl" --isl-stddev 0 --osl "$osl" --osl-stddev 0 \
    --extra-inputs ignore_eos:true --concurrency "$c" --num-requests "$n" --warmup-request-count "$c" --random-seed 100 --ui none
}
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
    load "$name" "$port" "$c" 1000 100 "$n"
  done
  for c in 4 8 16; do
    load "isl4000_osl500/$name" "$port" "$c" 4000 500 $((c * 10))
  done
}
sweep aic-configured 8101 --prefill-base-ms 25 --prefill-ms-per-tok 0.06 --prefill-slots 4 --itl-base-ms 6.5 --itl-slope 0.012 --seed 1
sweep baseline 8102 --prefill-base-ms 40 --prefill-ms-per-tok 0.09 --prefill-slots 2 --itl-base-ms 8.2 --itl-slope 0.03 --seed 2
"$AIC" cli default --model Qwen/Qwen3-32B-FP8 --total-gpus 8 --system h200_sxm --backend trtllm --isl 4000 --osl 500 \
  --ttft 300 --tpot 10 --save-dir "$out/aiconfigurator"
# The zip holds profile_export_aiperf.json of every load, profile_export.jsonl of 10 and 50 of both systems and of 16
# of aic-configured, and of AIConfigurator's folder agg/ the two CSV files and exp_config.yaml; folders of the
# machine in `artifact_dir`, `tokenizer` and the command line are cut to their last part.
