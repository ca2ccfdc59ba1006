// Emitted by vllm-obs build: choose in _config, or change the settings and build again.
function(chosen) {
  groups: [
    {
      name: 'vllm-latency',
      rules: [
        {
          record: 'engine:vllm_time_to_first_token_seconds_sum:rate5m',
          expr: 'sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, instance, engine, model_name) (\n  rate(' + chosen.metric_prefix + 'time_to_first_token_seconds_sum[5m])\n)',
        },
        {
          record: 'engine:vllm_time_to_first_token_seconds_count:rate5m',
          expr: 'sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, instance, engine, model_name) (\n  rate(' + chosen.metric_prefix + 'time_to_first_token_seconds_count[5m])\n)',
        },
        {
          record: 'engine:vllm_inter_token_latency_seconds_sum:rate5m',
          expr: 'sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, instance, engine, model_name) (\n  rate(' + chosen.metric_prefix + 'inter_token_latency_seconds_sum[5m]) or rate(' + chosen.metric_prefix + 'time_per_output_token_seconds_sum[5m])\n)',
        },
        {
          record: 'engine:vllm_inter_token_latency_seconds_count:rate5m',
          expr: 'sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, instance, engine, model_name) (\n  rate(' + chosen.metric_prefix + 'inter_token_latency_seconds_count[5m])\n  or\n  rate(' + chosen.metric_prefix + 'time_per_output_token_seconds_count[5m])\n)',
        },
        {
          record: 'engine:vllm_request_queue_time_seconds_sum:rate5m',
          expr: 'sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, instance, engine, model_name) (\n  rate(' + chosen.metric_prefix + 'request_queue_time_seconds_sum[5m])\n)',
        },
        {
          record: 'engine:vllm_request_queue_time_seconds_count:rate5m',
          expr: 'sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, instance, engine, model_name) (\n  rate(' + chosen.metric_prefix + 'request_queue_time_seconds_count[5m])\n)',
        },
        {
          record: 'model:vllm_time_to_first_token_seconds_sum:rate5m',
          expr: 'sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (engine:vllm_time_to_first_token_seconds_sum:rate5m)',
        },
        {
          record: 'model:vllm_time_to_first_token_seconds_count:rate5m',
          expr: 'sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (engine:vllm_time_to_first_token_seconds_count:rate5m)',
        },
        {
          record: 'model:vllm_inter_token_latency_seconds_sum:rate5m',
          expr: 'sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (engine:vllm_inter_token_latency_seconds_sum:rate5m)',
        },
        {
          record: 'model:vllm_inter_token_latency_seconds_count:rate5m',
          expr: 'sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (engine:vllm_inter_token_latency_seconds_count:rate5m)',
        },
        {
          record: 'model:vllm_request_queue_time_seconds_sum:rate5m',
          expr: 'sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (engine:vllm_request_queue_time_seconds_sum:rate5m)',
        },
        {
          record: 'model:vllm_request_queue_time_seconds_count:rate5m',
          expr: 'sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (engine:vllm_request_queue_time_seconds_count:rate5m)',
        },
        {
          record: 'engine:vllm_time_to_first_token_seconds:mean_rate5m',
          expr: 'engine:vllm_time_to_first_token_seconds_sum:rate5m\n/\n(engine:vllm_time_to_first_token_seconds_count:rate5m > 0)',
        },
        {
          record: 'engine:vllm_inter_token_latency_seconds:mean_rate5m',
          expr: 'engine:vllm_inter_token_latency_seconds_sum:rate5m\n/\n(engine:vllm_inter_token_latency_seconds_count:rate5m > 0)',
        },
        {
          record: 'engine:vllm_request_queue_time_seconds:mean_rate5m',
          expr: 'engine:vllm_request_queue_time_seconds_sum:rate5m\n/\n(engine:vllm_request_queue_time_seconds_count:rate5m > 0)',
        },
        {
          record: 'model:vllm_time_to_first_token_seconds:mean_rate5m',
          expr: 'model:vllm_time_to_first_token_seconds_sum:rate5m\n/\n(model:vllm_time_to_first_token_seconds_count:rate5m > 0)',
        },
        {
          record: 'model:vllm_inter_token_latency_seconds:mean_rate5m',
          expr: 'model:vllm_inter_token_latency_seconds_sum:rate5m\n/\n(model:vllm_inter_token_latency_seconds_count:rate5m > 0)',
        },
        {
          record: 'model:vllm_request_queue_time_seconds:mean_rate5m',
          expr: 'model:vllm_request_queue_time_seconds_sum:rate5m\n/\n(model:vllm_request_queue_time_seconds_count:rate5m > 0)',
        },
      ],
    },
    {
      name: 'vllm-latency-2',
      rules: [
        {
          record: 'engine:vllm_request_prefill_time_seconds_sum:rate5m',
          expr: 'sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, instance, engine, model_name) (\n  rate(' + chosen.metric_prefix + 'request_prefill_time_seconds_sum[5m])\n)',
        },
        {
          record: 'engine:vllm_request_prefill_time_seconds_count:rate5m',
          expr: 'sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, instance, engine, model_name) (\n  rate(' + chosen.metric_prefix + 'request_prefill_time_seconds_count[5m])\n)',
        },
        {
          record: 'model:vllm_request_time_per_output_token_seconds_sum:rate5m',
          expr: 'sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n  rate(' + chosen.metric_prefix + 'request_time_per_output_token_seconds_sum[5m])\n)',
        },
        {
          record: 'model:vllm_request_time_per_output_token_seconds_count:rate5m',
          expr: 'sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n  rate(' + chosen.metric_prefix + 'request_time_per_output_token_seconds_count[5m])\n)',
        },
        {
          record: 'model:vllm_e2e_request_latency_seconds_sum:rate5m',
          expr: 'sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (rate(' + chosen.metric_prefix + 'e2e_request_latency_seconds_sum[5m]))',
        },
        {
          record: 'model:vllm_e2e_request_latency_seconds_count:rate5m',
          expr: 'sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (rate(' + chosen.metric_prefix + 'e2e_request_latency_seconds_count[5m]))',
        },
        {
          record: 'model:vllm_request_prefill_time_seconds_sum:rate5m',
          expr: 'sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (engine:vllm_request_prefill_time_seconds_sum:rate5m)',
        },
        {
          record: 'model:vllm_request_prefill_time_seconds_count:rate5m',
          expr: 'sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (engine:vllm_request_prefill_time_seconds_count:rate5m)',
        },
        {
          record: 'model:vllm_request_decode_time_seconds_sum:rate5m',
          expr: 'sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (rate(' + chosen.metric_prefix + 'request_decode_time_seconds_sum[5m]))',
        },
        {
          record: 'model:vllm_request_decode_time_seconds_count:rate5m',
          expr: 'sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (rate(' + chosen.metric_prefix + 'request_decode_time_seconds_count[5m]))',
        },
        {
          record: 'model:vllm_request_inference_time_seconds_sum:rate5m',
          expr: 'sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (rate(' + chosen.metric_prefix + 'request_inference_time_seconds_sum[5m]))',
        },
        {
          record: 'model:vllm_request_inference_time_seconds_count:rate5m',
          expr: 'sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (rate(' + chosen.metric_prefix + 'request_inference_time_seconds_count[5m]))',
        },
        {
          record: 'engine:vllm_request_prefill_time_seconds:mean_rate5m',
          expr: 'engine:vllm_request_prefill_time_seconds_sum:rate5m\n/\n(engine:vllm_request_prefill_time_seconds_count:rate5m > 0)',
        },
        {
          record: 'model:vllm_request_time_per_output_token_seconds:mean_rate5m',
          expr: 'model:vllm_request_time_per_output_token_seconds_sum:rate5m\n/\n(model:vllm_request_time_per_output_token_seconds_count:rate5m > 0)',
        },
        {
          record: 'model:vllm_e2e_request_latency_seconds:mean_rate5m',
          expr: 'model:vllm_e2e_request_latency_seconds_sum:rate5m\n/\n(model:vllm_e2e_request_latency_seconds_count:rate5m > 0)',
        },
        {
          record: 'model:vllm_request_prefill_time_seconds:mean_rate5m',
          expr: 'model:vllm_request_prefill_time_seconds_sum:rate5m\n/\n(model:vllm_request_prefill_time_seconds_count:rate5m > 0)',
        },
        {
          record: 'model:vllm_request_decode_time_seconds:mean_rate5m',
          expr: 'model:vllm_request_decode_time_seconds_sum:rate5m\n/\n(model:vllm_request_decode_time_seconds_count:rate5m > 0)',
        },
        {
          record: 'model:vllm_request_inference_time_seconds:mean_rate5m',
          expr: 'model:vllm_request_inference_time_seconds_sum:rate5m\n/\n(model:vllm_request_inference_time_seconds_count:rate5m > 0)',
        },
      ],
    },
    {
      name: 'vllm-load',
      rules: [
        {
          record: 'engine:vllm_requests_running:sum',
          expr: 'max by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, instance, engine, model_name) (' + chosen.metric_prefix + 'num_requests_running)',
        },
        {
          record: 'engine:vllm_requests_waiting:sum',
          expr: 'max by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, instance, engine, model_name) (' + chosen.metric_prefix + 'num_requests_waiting)',
        },
        {
          record: 'model:vllm_requests_running:sum',
          expr: 'sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (engine:vllm_requests_running:sum)',
        },
        {
          record: 'model:vllm_requests_waiting:sum',
          expr: 'sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (engine:vllm_requests_waiting:sum)',
        },
        {
          record: 'model:vllm_requests_waiting:avg',
          expr: 'avg by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (engine:vllm_requests_waiting:sum)',
        },
        {
          record: 'model:vllm_requests_waiting_by_reason:sum',
          expr: 'sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name, reason) (\n  max by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, instance, engine, model_name, reason) (\n    ' + chosen.metric_prefix + 'num_requests_waiting_by_reason\n  )\n)',
        },
        {
          record: 'model:vllm_kv_fetch_requests:sum',
          expr: 'sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name, stage) (\n  max by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, instance, engine, model_name, stage) (\n    ' + chosen.metric_prefix + 'num_requests_kv_fetch_by_stage\n  )\n)',
        },
        {
          record: 'engine:vllm_load_imbalance_running:factor',
          expr: '(\n  (engine:vllm_requests_running:sum + 1) / on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) group_left () (avg by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (engine:vllm_requests_running:sum) + 1) >= 1\n  or\n  1 / ((engine:vllm_requests_running:sum + 1) / on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) group_left () (avg by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (engine:vllm_requests_running:sum) + 1))\n)\nand on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name)\ncount by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (engine:vllm_requests_running:sum) >= 2',
        },
      ],
    },
    {
      name: 'vllm-tokens',
      rules: [
        {
          record: 'engine:vllm_prompt_tokens:rate5m',
          expr: 'sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, instance, engine, model_name) (rate(' + chosen.metric_prefix + 'prompt_tokens_total[5m]))',
        },
        {
          record: 'engine:vllm_generation_tokens:rate5m',
          expr: 'sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, instance, engine, model_name) (\n  rate(' + chosen.metric_prefix + 'generation_tokens_total[5m])\n)',
        },
        {
          record: 'engine:vllm_iteration_tokens_count:rate5m',
          expr: 'sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, instance, engine, model_name) (\n  rate(' + chosen.metric_prefix + 'iteration_tokens_total_count[5m])\n)',
        },
        {
          record: 'model:vllm_request_prompt_tokens_sum:rate5m',
          expr: 'sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (rate(' + chosen.metric_prefix + 'request_prompt_tokens_sum[5m]))',
        },
        {
          record: 'model:vllm_request_prompt_tokens_count:rate5m',
          expr: 'sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (rate(' + chosen.metric_prefix + 'request_prompt_tokens_count[5m]))',
        },
        {
          record: 'model:vllm_prompt_tokens:rate5m',
          expr: 'sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (engine:vllm_prompt_tokens:rate5m)',
        },
        {
          record: 'model:vllm_request_generation_tokens_sum:rate5m',
          expr: 'sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (rate(' + chosen.metric_prefix + 'request_generation_tokens_sum[5m]))',
        },
        {
          record: 'model:vllm_request_generation_tokens_count:rate5m',
          expr: 'sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (rate(' + chosen.metric_prefix + 'request_generation_tokens_count[5m]))',
        },
        {
          record: 'model:vllm_generation_tokens:rate5m',
          expr: 'sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (engine:vllm_generation_tokens:rate5m)',
        },
        {
          record: 'model:vllm_iteration_tokens_count:rate5m',
          expr: 'sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (engine:vllm_iteration_tokens_count:rate5m)',
        },
        {
          record: 'model:vllm_iteration_tokens_sum:rate5m',
          expr: 'sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (rate(' + chosen.metric_prefix + 'iteration_tokens_total_sum[5m]))',
        },
        {
          record: 'model:vllm_prompt_tokens_by_source:rate5m',
          expr: 'sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name, source) (rate(' + chosen.metric_prefix + 'prompt_tokens_by_source_total[5m]))',
        },
        {
          record: 'model:vllm_request_prefill_computed_tokens_sum:rate5m',
          expr: 'sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (rate(' + chosen.metric_prefix + 'request_prefill_kv_computed_tokens_sum[5m]))',
        },
        {
          record: 'model:vllm_request_prefill_computed_tokens_count:rate5m',
          expr: 'sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n  rate(' + chosen.metric_prefix + 'request_prefill_kv_computed_tokens_count[5m])\n)',
        },
        {
          record: 'model:vllm_prompt_tokens_cached_by_source:rate5m',
          expr: 'sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name, source) (\n  rate(' + chosen.metric_prefix + 'prompt_tokens_cached_by_source_total[5m])\n)',
        },
        {
          record: 'model:vllm_request_prompt_tokens:mean_rate5m',
          expr: 'model:vllm_request_prompt_tokens_sum:rate5m / (model:vllm_request_prompt_tokens_count:rate5m > 0)\nor\nmodel:vllm_prompt_tokens:rate5m\n/\n(sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (rate(' + chosen.metric_prefix + 'request_success_total[5m])) > 0)',
        },
        {
          record: 'model:vllm_request_generation_tokens:mean_rate5m',
          expr: 'model:vllm_request_generation_tokens_sum:rate5m\n/\n(model:vllm_request_generation_tokens_count:rate5m > 0)\nor\nmodel:vllm_generation_tokens:rate5m\n/\n(sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (rate(' + chosen.metric_prefix + 'request_success_total[5m])) > 0)',
        },
        {
          record: 'model:vllm_generation_tokens:per_running_rate5m',
          expr: 'model:vllm_generation_tokens:rate5m / (sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (avg_over_time(' + chosen.metric_prefix + 'num_requests_running[5m])) > 0)',
        },
      ],
    },
    {
      name: 'vllm-cache',
      rules: [
        {
          record: 'engine:vllm_kv_cache_usage:max',
          expr: chosen.metric_prefix + 'kv_cache_usage_perc or ' + chosen.metric_prefix + 'gpu_cache_usage_perc',
        },
        {
          record: 'model:vllm_prefix_cache_hits:rate5m',
          expr: 'sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n  rate(' + chosen.metric_prefix + 'prefix_cache_hits_total[5m]) or rate(' + chosen.metric_prefix + 'gpu_prefix_cache_hits_total[5m])\n)',
        },
        {
          record: 'model:vllm_prefix_cache_queries:rate5m',
          expr: 'sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n  rate(' + chosen.metric_prefix + 'prefix_cache_queries_total[5m]) or rate(' + chosen.metric_prefix + 'gpu_prefix_cache_queries_total[5m])\n)',
        },
        {
          record: 'model:vllm_prefix_cache_hit_rate:avg',
          expr: 'avg by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n  max by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, instance, engine, model_name) (' + chosen.metric_prefix + 'gpu_prefix_cache_hit_rate >= 0)\n)',
        },
        {
          record: 'model:vllm_preemptions:rate5m',
          expr: 'sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (rate(' + chosen.metric_prefix + 'num_preemptions_total[5m]))',
        },
        {
          record: 'model:vllm_kv_cache_usage:max',
          expr: 'max by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (engine:vllm_kv_cache_usage:max)',
        },
        {
          record: 'model:vllm_kv_cache_usage:avg',
          expr: 'avg by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (engine:vllm_kv_cache_usage:max)',
        },
        {
          record: 'model:vllm_kv_cache_usage:min',
          expr: 'min by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (engine:vllm_kv_cache_usage:max)',
        },
        {
          record: 'model:vllm_kv_block_lifetime_seconds_sum:rate5m',
          expr: 'sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (rate(' + chosen.metric_prefix + 'kv_block_lifetime_seconds_sum[5m]))',
        },
        {
          record: 'model:vllm_kv_block_lifetime_seconds_count:rate5m',
          expr: 'sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (rate(' + chosen.metric_prefix + 'kv_block_lifetime_seconds_count[5m]))',
        },
        {
          record: 'model:vllm_kv_block_idle_before_evict_seconds_sum:rate5m',
          expr: 'sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (rate(' + chosen.metric_prefix + 'kv_block_idle_before_evict_seconds_sum[5m]))',
        },
        {
          record: 'model:vllm_kv_block_idle_before_evict_seconds_count:rate5m',
          expr: 'sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n  rate(' + chosen.metric_prefix + 'kv_block_idle_before_evict_seconds_count[5m])\n)',
        },
        {
          record: 'model:vllm_kv_block_reuse_gap_seconds_sum:rate5m',
          expr: 'sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (rate(' + chosen.metric_prefix + 'kv_block_reuse_gap_seconds_sum[5m]))',
        },
        {
          record: 'model:vllm_kv_block_reuse_gap_seconds_count:rate5m',
          expr: 'sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (rate(' + chosen.metric_prefix + 'kv_block_reuse_gap_seconds_count[5m]))',
        },
        {
          record: 'model:vllm_external_prefix_cache_hits:rate5m',
          expr: 'sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (rate(' + chosen.metric_prefix + 'external_prefix_cache_hits_total[5m]))',
        },
        {
          record: 'model:vllm_external_prefix_cache_queries:rate5m',
          expr: 'sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (rate(' + chosen.metric_prefix + 'external_prefix_cache_queries_total[5m]))',
        },
        {
          record: 'engine:vllm_load_imbalance_kv:distance',
          expr: 'abs(engine:vllm_kv_cache_usage:max - on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) group_left () avg by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (engine:vllm_kv_cache_usage:max))\nand on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name)\ncount by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (engine:vllm_kv_cache_usage:max) >= 2',
        },
        {
          record: 'model:vllm_prefix_cache_hits:ratio_rate5m',
          expr: 'model:vllm_prefix_cache_hits:rate5m / (model:vllm_prefix_cache_queries:rate5m > 0)\nor\nmodel:vllm_prefix_cache_hit_rate:avg',
        },
        {
          record: 'model:vllm_preemptions:per_request_rate5m',
          expr: 'model:vllm_preemptions:rate5m\n/\n(sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (rate(' + chosen.metric_prefix + 'request_success_total[5m])) > 0)',
        },
        {
          record: 'model:vllm_prefix_cache_hits:change1d_rate5m',
          expr: '(sum_over_time(model:vllm_prefix_cache_hits:rate5m[1h]) / (sum_over_time(model:vllm_prefix_cache_queries:rate5m[1h]) > 0))\n/\n((sum_over_time(model:vllm_prefix_cache_hits:rate5m[1d:5m]) / (sum_over_time(model:vllm_prefix_cache_queries:rate5m[1d:5m]) > 0)) > 0.05)\nand on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name)\navg_over_time(model:vllm_prefix_cache_queries:rate5m[1h]) * 3600 >= 50000\nand on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name)\ncount_over_time(model:vllm_prefix_cache_queries:rate5m[1d:5m]) >= 24',
        },
      ],
    },
    {
      name: 'vllm-cache-2',
      rules: [
        {
          record: 'model:vllm_mm_cache_hits:rate5m',
          expr: 'sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (rate(' + chosen.metric_prefix + 'mm_cache_hits_total[5m]))',
        },
        {
          record: 'model:vllm_mm_cache_queries:rate5m',
          expr: 'sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (rate(' + chosen.metric_prefix + 'mm_cache_queries_total[5m]))',
        },
      ],
    },
    {
      name: 'vllm-requests',
      rules: [
        {
          record: 'model:vllm_request_success:rate5m',
          expr: 'sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name, finished_reason) (rate(' + chosen.metric_prefix + 'request_success_total[5m]))',
        },
        {
          record: 'model:vllm_admission_rejections:rate5m',
          expr: 'sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name, reason) (rate(' + chosen.metric_prefix + 'admission_rejections_total[5m]))',
        },
        {
          record: 'model:vllm_request_params_max_tokens_sum:rate5m',
          expr: 'sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (rate(' + chosen.metric_prefix + 'request_params_max_tokens_sum[5m]))',
        },
        {
          record: 'model:vllm_request_params_max_tokens_count:rate5m',
          expr: 'sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (rate(' + chosen.metric_prefix + 'request_params_max_tokens_count[5m]))',
        },
        {
          record: 'model:vllm_request_error:ratio_rate5m',
          expr: 'sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n  model:vllm_request_success:rate5m{finished_reason="error"}\n)\n/\n(sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (model:vllm_request_success:rate5m) > 0)',
        },
        {
          record: 'model:vllm_request_length:ratio_rate5m',
          expr: '(\n  sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n    model:vllm_request_success:rate5m{finished_reason="length"}\n  )\n  or\n  0 * sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (model:vllm_request_success:rate5m)\n)\n/\n(sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (model:vllm_request_success:rate5m) > 0)',
        },
        {
          record: 'model:vllm_request_abort:ratio_rate5m',
          expr: '(\n  sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n    model:vllm_request_success:rate5m{finished_reason="abort"}\n  )\n  or\n  0 * sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (model:vllm_request_success:rate5m)\n)\n/\n(sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (model:vllm_request_success:rate5m) > 0)',
        },
        {
          record: 'model:vllm_queue_drain:seconds_rate5m',
          expr: 'sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n  max by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, instance, engine, model_name) (' + chosen.metric_prefix + 'num_requests_waiting)\n) / (sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (model:vllm_request_success:rate5m) > 0)\nand on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name)\nsum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n  max by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, instance, engine, model_name) (' + chosen.metric_prefix + 'num_requests_waiting)\n) >= 5\nor\n0 * (sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n  max by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, instance, engine, model_name) (' + chosen.metric_prefix + 'num_requests_waiting)\n) > 0) + 3600 unless on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (rate(' + chosen.metric_prefix + 'generation_tokens_total[120s])) > 0',
        },
        {
          record: 'model:vllm_corrupted_requests:increase15m',
          expr: 'sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (increase(' + chosen.metric_prefix + 'corrupted_requests_total[15m]))',
        },
      ],
    },
    {
      name: 'vllm-latency-histograms',
      interval: '1m',
      rules: [
        {
          record: 'model:vllm_time_to_first_token_seconds_bucket:rate5m',
          expr: 'sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name, le) (rate(' + chosen.metric_prefix + 'time_to_first_token_seconds_bucket[5m]))\nand on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name, le)\n(\n  count by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name, le) (' + chosen.metric_prefix + 'time_to_first_token_seconds_bucket)\n  == on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) group_left ()\n  count by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (' + chosen.metric_prefix + 'time_to_first_token_seconds_bucket{le="+Inf"})\n)',
        },
        {
          record: 'model:vllm_inter_token_latency_seconds_bucket:rate5m',
          expr: 'sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name, le) (\n  rate(' + chosen.metric_prefix + 'inter_token_latency_seconds_bucket[5m])\n  or\n  rate(' + chosen.metric_prefix + 'time_per_output_token_seconds_bucket[5m])\n)\nand on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name, le)\n(\n  count by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name, le) (\n    ' + chosen.metric_prefix + 'inter_token_latency_seconds_bucket or ' + chosen.metric_prefix + 'time_per_output_token_seconds_bucket\n  )\n  == on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) group_left ()\n  count by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n    ' + chosen.metric_prefix + 'inter_token_latency_seconds_bucket{le="+Inf"}\n    or\n    ' + chosen.metric_prefix + 'time_per_output_token_seconds_bucket{le="+Inf"}\n  )\n)',
        },
        {
          record: 'model:vllm_e2e_request_latency_seconds_bucket:rate5m',
          expr: 'sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name, le) (rate(' + chosen.metric_prefix + 'e2e_request_latency_seconds_bucket[5m]))\nand on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name, le)\n(\n  count by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name, le) (' + chosen.metric_prefix + 'e2e_request_latency_seconds_bucket)\n  == on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) group_left ()\n  count by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (' + chosen.metric_prefix + 'e2e_request_latency_seconds_bucket{le="+Inf"})\n)',
        },
        {
          record: 'model:vllm_request_queue_time_seconds_bucket:rate5m',
          expr: 'sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name, le) (rate(' + chosen.metric_prefix + 'request_queue_time_seconds_bucket[5m]))\nand on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name, le)\n(\n  count by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name, le) (' + chosen.metric_prefix + 'request_queue_time_seconds_bucket)\n  == on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) group_left ()\n  count by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (' + chosen.metric_prefix + 'request_queue_time_seconds_bucket{le="+Inf"})\n)',
        },
        {
          record: 'model:vllm_request_time_per_output_token_seconds_bucket:rate5m',
          expr: 'sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name, le) (\n  rate(' + chosen.metric_prefix + 'request_time_per_output_token_seconds_bucket[5m])\n)\nand on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name, le)\n(\n  count by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name, le) (\n    ' + chosen.metric_prefix + 'request_time_per_output_token_seconds_bucket\n  )\n  == on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) group_left ()\n  count by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n    ' + chosen.metric_prefix + 'request_time_per_output_token_seconds_bucket{le="+Inf"}\n  )\n)',
        },
        {
          record: 'model:vllm_time_to_first_token_seconds:p50_rate5m',
          expr: 'histogram_quantile(0.5, model:vllm_time_to_first_token_seconds_bucket:rate5m) >= 0',
        },
        {
          record: 'model:vllm_time_to_first_token_seconds:p95_rate5m',
          expr: 'histogram_quantile(0.95, model:vllm_time_to_first_token_seconds_bucket:rate5m) >= 0',
        },
        {
          record: 'model:vllm_time_to_first_token_seconds:p99_rate5m',
          expr: 'histogram_quantile(0.99, model:vllm_time_to_first_token_seconds_bucket:rate5m) >= 0',
        },
        {
          record: 'model:vllm_inter_token_latency_seconds:p50_rate5m',
          expr: 'histogram_quantile(0.5, model:vllm_inter_token_latency_seconds_bucket:rate5m) >= 0',
        },
        {
          record: 'model:vllm_inter_token_latency_seconds:p95_rate5m',
          expr: 'histogram_quantile(0.95, model:vllm_inter_token_latency_seconds_bucket:rate5m) >= 0',
        },
        {
          record: 'model:vllm_inter_token_latency_seconds:p99_rate5m',
          expr: 'histogram_quantile(0.99, model:vllm_inter_token_latency_seconds_bucket:rate5m) >= 0',
        },
        {
          record: 'model:vllm_e2e_request_latency_seconds:p50_rate5m',
          expr: 'histogram_quantile(0.5, model:vllm_e2e_request_latency_seconds_bucket:rate5m) >= 0',
        },
        {
          record: 'model:vllm_e2e_request_latency_seconds:p95_rate5m',
          expr: 'histogram_quantile(0.95, model:vllm_e2e_request_latency_seconds_bucket:rate5m) >= 0',
        },
        {
          record: 'model:vllm_e2e_request_latency_seconds:p99_rate5m',
          expr: 'histogram_quantile(0.99, model:vllm_e2e_request_latency_seconds_bucket:rate5m) >= 0',
        },
      ],
    },
    {
      name: 'vllm-http',
      rules: [
        {
          record: 'model:vllm_http_requests:rate5m',
          expr: 'sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name, handler, status) (\n  rate(http_requests_total{' + chosen.target_selector + '}[5m])\n)',
        },
        {
          record: 'engine:vllm_http_answers:sum_rate5m',
          expr: 'sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, instance) (rate(http_requests_total{' + chosen.target_selector + ',handler=~".*/(completions|responses|messages|embeddings?|embed|rerank|score|classify|pooling|transcriptions|translations|generate|invocations|realtime)(/.*)?",status=~"2..|5.."}[5m]))',
        },
        {
          record: 'engine:vllm_http_failures:sum_rate5m',
          expr: 'sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, instance) (rate(http_requests_total{' + chosen.target_selector + ',handler=~".*/(completions|responses|messages|embeddings?|embed|rerank|score|classify|pooling|transcriptions|translations|generate|invocations|realtime)(/.*)?",status=~"5.."}[5m]))\nor\n0 * engine:vllm_http_answers:sum_rate5m',
        },
        {
          record: 'engine:vllm_server_http_errors:ratio_rate5m',
          expr: 'engine:vllm_http_failures:sum_rate5m / (engine:vllm_http_answers:sum_rate5m > 0)\nand on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, instance)\nengine:vllm_http_answers:sum_rate5m * 300 >= 20\nand on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, instance)\nsum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, instance) (rate(http_requests_total{' + chosen.target_selector + ',handler=~".*/(completions|responses|messages|embeddings?|embed|rerank|score|classify|pooling|transcriptions|translations|generate|invocations|realtime)(/.*)?",status=~"5.."}[120s])) > 0\nand on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job)\ncount by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job) (engine:vllm_http_answers:sum_rate5m) > 1',
        },
        {
          record: 'model:vllm_http_server_errors:ratio_rate5m',
          expr: '(\n  sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n    model:vllm_http_requests:rate5m{handler=~".*/(completions|responses|messages|embeddings?|embed|rerank|score|classify|pooling|transcriptions|translations|generate|invocations|realtime)(/.*)?",status=~"5.."}\n  )\n  or\n  0 * sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (model:vllm_http_requests:rate5m)\n)\n/\n(\n  (\n    sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n      model:vllm_http_requests:rate5m{handler=~".*/(completions|responses|messages|embeddings?|embed|rerank|score|classify|pooling|transcriptions|translations|generate|invocations|realtime)(/.*)?",status=~"2..|5.."}\n    )\n    or\n    0 * sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (model:vllm_http_requests:rate5m)\n  ) > 0\n)',
        },
        {
          record: 'model:vllm_model_http_errors:ratio_rate5m',
          expr: 'sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n  group by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, instance, model_name) (' + chosen.metric_prefix + 'num_requests_running) * on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, instance) group_left () engine:vllm_http_failures:sum_rate5m\n)\n/\n(sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n  group by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, instance, model_name) (' + chosen.metric_prefix + 'num_requests_running) * on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, instance) group_left () engine:vllm_http_answers:sum_rate5m\n) > 0)\nand on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name)\nsum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n  group by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, instance, model_name) (' + chosen.metric_prefix + 'num_requests_running) * on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, instance) group_left () engine:vllm_http_answers:sum_rate5m\n) * 300 >= 20\nand on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name)\nsum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n  group by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, instance, model_name) (' + chosen.metric_prefix + 'num_requests_running) * on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, instance) group_left () (\n  sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, instance) (rate(http_requests_total{' + chosen.target_selector + ',handler=~".*/(completions|responses|messages|embeddings?|embed|rerank|score|classify|pooling|transcriptions|translations|generate|invocations|realtime)(/.*)?",status=~"5.."}[120s]))\n)\n) > 0\nand on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job)\ncount by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job) (group by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (' + chosen.metric_prefix + 'num_requests_running)) > 1',
        },
      ],
    },
    {
      name: 'vllm-features',
      rules: [
        {
          record: 'model:vllm_spec_decode_accepted_tokens:rate5m',
          expr: 'sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (rate(' + chosen.metric_prefix + 'spec_decode_num_accepted_tokens_total[5m]))',
        },
        {
          record: 'model:vllm_spec_decode_draft_tokens:rate5m',
          expr: 'sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (rate(' + chosen.metric_prefix + 'spec_decode_num_draft_tokens_total[5m]))',
        },
        {
          record: 'model:vllm_spec_decode_draft_acceptance_rate:avg',
          expr: 'avg by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n  max by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, instance, engine, model_name) (\n    ' + chosen.metric_prefix + 'spec_decode_draft_acceptance_rate >= 0\n  )\n)',
        },
        {
          record: 'model:vllm_spec_decode_drafts:rate5m',
          expr: 'sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (rate(' + chosen.metric_prefix + 'spec_decode_num_drafts_total[5m]))',
        },
        {
          record: 'model:vllm_spec_decode_accepted_tokens_per_position:rate5m',
          expr: 'sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name, position) (\n  rate(' + chosen.metric_prefix + 'spec_decode_num_accepted_tokens_per_pos_total[5m])\n)',
        },
        {
          record: 'model:vllm_spec_decode_accepted_tokens:ratio_rate5m',
          expr: 'model:vllm_spec_decode_accepted_tokens:rate5m / (model:vllm_spec_decode_draft_tokens:rate5m > 0)\nor\nmodel:vllm_spec_decode_draft_acceptance_rate:avg',
        },
      ],
    },
    {
      name: 'vllm-tokens-histograms',
      interval: '1m',
      rules: [
        {
          record: 'model:vllm_request_prompt_tokens_bucket:rate5m',
          expr: 'sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name, le) (rate(' + chosen.metric_prefix + 'request_prompt_tokens_bucket[5m]))\nand on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name, le)\n(\n  count by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name, le) (' + chosen.metric_prefix + 'request_prompt_tokens_bucket)\n  == on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) group_left ()\n  count by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (' + chosen.metric_prefix + 'request_prompt_tokens_bucket{le="+Inf"})\n)',
        },
        {
          record: 'model:vllm_request_generation_tokens_bucket:rate5m',
          expr: 'sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name, le) (rate(' + chosen.metric_prefix + 'request_generation_tokens_bucket[5m]))\nand on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name, le)\n(\n  count by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name, le) (' + chosen.metric_prefix + 'request_generation_tokens_bucket)\n  == on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) group_left ()\n  count by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (' + chosen.metric_prefix + 'request_generation_tokens_bucket{le="+Inf"})\n)',
        },
        {
          record: 'model:vllm_iteration_tokens_bucket:rate5m',
          expr: 'sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name, le) (rate(' + chosen.metric_prefix + 'iteration_tokens_total_bucket[5m]))\nand on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name, le)\n(\n  count by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name, le) (' + chosen.metric_prefix + 'iteration_tokens_total_bucket)\n  == on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) group_left ()\n  count by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (' + chosen.metric_prefix + 'iteration_tokens_total_bucket{le="+Inf"})\n)',
        },
      ],
    },
    {
      name: 'vllm-connectors',
      rules: [
        {
          record: 'model:vllm_kv_offload_cpu_cache_usage:max',
          expr: 'max by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (' + chosen.metric_prefix + 'kv_offload_cpu_cache_usage_perc)',
        },
        {
          record: 'model:vllm_nixl_xfer_time_seconds_sum:rate5m',
          expr: 'sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (rate(' + chosen.metric_prefix + 'nixl_xfer_time_seconds_sum[5m]))',
        },
        {
          record: 'model:vllm_nixl_xfer_time_seconds_count:rate5m',
          expr: 'sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (rate(' + chosen.metric_prefix + 'nixl_xfer_time_seconds_count[5m]))',
        },
        {
          record: 'model:vllm_nixl_bytes_transferred_sum:rate5m',
          expr: 'sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (rate(' + chosen.metric_prefix + 'nixl_bytes_transferred_sum[5m]))',
        },
        {
          record: 'model:vllm_nixl_num_kv_expired_reqs:rate5m',
          expr: 'sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (rate(' + chosen.metric_prefix + 'nixl_num_kv_expired_reqs_total[5m]))',
        },
        {
          record: 'model:vllm_nixl_post_time_seconds_sum:rate5m',
          expr: 'sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (rate(' + chosen.metric_prefix + 'nixl_post_time_seconds_sum[5m]))',
        },
        {
          record: 'model:vllm_nixl_post_time_seconds_count:rate5m',
          expr: 'sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (rate(' + chosen.metric_prefix + 'nixl_post_time_seconds_count[5m]))',
        },
        {
          record: 'model:vllm_nixl_num_descriptors_sum:rate5m',
          expr: 'sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (rate(' + chosen.metric_prefix + 'nixl_num_descriptors_sum[5m]))',
        },
        {
          record: 'model:vllm_nixl_num_descriptors_count:rate5m',
          expr: 'sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (rate(' + chosen.metric_prefix + 'nixl_num_descriptors_count[5m]))',
        },
        {
          record: 'model:vllm_nixl_num_failed_notifications:rate5m',
          expr: 'sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (rate(' + chosen.metric_prefix + 'nixl_num_failed_notifications_total[5m]))',
        },
        {
          record: 'model:vllm_nixl_num_notifications_after_expiry:rate5m',
          expr: 'sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n  rate(' + chosen.metric_prefix + 'nixl_num_notifications_after_expiry_total[5m])\n)',
        },
        {
          record: 'model:vllm_kv_offload_load_bytes:rate5m',
          expr: 'sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (rate(' + chosen.metric_prefix + 'kv_offload_load_bytes_total[5m]))',
        },
        {
          record: 'model:vllm_kv_offload_store_bytes:rate5m',
          expr: 'sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (rate(' + chosen.metric_prefix + 'kv_offload_store_bytes_total[5m]))',
        },
        {
          record: 'model:vllm_kv_offload_allocation_failure:rate5m',
          expr: 'sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (rate(' + chosen.metric_prefix + 'kv_offload_allocation_failure_total[5m]))',
        },
        {
          record: 'model:vllm_kv_offload_load_time:rate5m',
          expr: 'sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (rate(' + chosen.metric_prefix + 'kv_offload_load_time_total[5m]))',
        },
        {
          record: 'model:vllm_kv_offload_store_time:rate5m',
          expr: 'sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (rate(' + chosen.metric_prefix + 'kv_offload_store_time_total[5m]))',
        },
        {
          record: 'model:vllm_kv_offload_load_size_sum:rate5m',
          expr: 'sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (rate(' + chosen.metric_prefix + 'kv_offload_load_size_sum[5m]))',
        },
        {
          record: 'model:vllm_kv_offload_load_size_count:rate5m',
          expr: 'sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (rate(' + chosen.metric_prefix + 'kv_offload_load_size_count[5m]))',
        },
        {
          record: 'model:vllm_kv_offload_store_size_sum:rate5m',
          expr: 'sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (rate(' + chosen.metric_prefix + 'kv_offload_store_size_sum[5m]))',
        },
        {
          record: 'model:vllm_kv_offload_store_size_count:rate5m',
          expr: 'sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (rate(' + chosen.metric_prefix + 'kv_offload_store_size_count[5m]))',
        },
      ],
    },
    {
      name: 'vllm-connectors-2',
      rules: [
        {
          record: 'model:vllm_kv_offload_lookup_sync_delay_seconds_sum:rate5m',
          expr: 'sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n  rate(' + chosen.metric_prefix + 'kv_offload_lookup_sync_delay_seconds_sum[5m])\n)',
        },
        {
          record: 'model:vllm_kv_offload_lookup_sync_delay_seconds_count:rate5m',
          expr: 'sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n  rate(' + chosen.metric_prefix + 'kv_offload_lookup_sync_delay_seconds_count[5m])\n)',
        },
        {
          record: 'model:vllm_kv_offload_lookup_async_delay_seconds_sum:rate5m',
          expr: 'sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n  rate(' + chosen.metric_prefix + 'kv_offload_lookup_async_delay_seconds_sum[5m])\n)',
        },
        {
          record: 'model:vllm_kv_offload_lookup_async_delay_seconds_count:rate5m',
          expr: 'sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n  rate(' + chosen.metric_prefix + 'kv_offload_lookup_async_delay_seconds_count[5m])\n)',
        },
        {
          record: 'model:vllm_kv_offload_cpu_cache_read_usage:max',
          expr: 'max by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (' + chosen.metric_prefix + 'kv_offload_cpu_cache_read_usage_perc)',
        },
        {
          record: 'model:vllm_kv_offload_cpu_cache_write_usage:max',
          expr: 'max by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (' + chosen.metric_prefix + 'kv_offload_cpu_cache_write_usage_perc)',
        },
        {
          record: 'model:vllm_kv_offload_stores_skipped:rate5m',
          expr: 'sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (rate(' + chosen.metric_prefix + 'kv_offload_stores_skipped_total[5m]))',
        },
        {
          record: 'model:vllm_simple_kv_offload_save_outcomes:rate5m',
          expr: 'sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name, outcome) (\n  rate(' + chosen.metric_prefix + 'simple_kv_offload_save_outcomes_total[5m])\n)',
        },
        {
          record: 'model:vllm_simple_kv_offload_load_blocks:rate5m',
          expr: 'sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (rate(' + chosen.metric_prefix + 'simple_kv_offload_load_blocks_total[5m]))',
        },
        {
          record: 'model:vllm_simple_kv_offload_used_blocks:sum',
          expr: 'sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n  max by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, instance, engine, model_name) (' + chosen.metric_prefix + 'simple_kv_offload_used_blocks)\n)',
        },
        {
          record: 'model:vllm_simple_kv_offload_pending_store_blocks:sum',
          expr: 'sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n  max by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, instance, engine, model_name) (\n    ' + chosen.metric_prefix + 'simple_kv_offload_pending_store_blocks\n  )\n)',
        },
        {
          record: 'model:vllm_kv_transfer_failures:sum_rate5m',
          expr: 'sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n  label_replace(rate(' + chosen.metric_prefix + 'nixl_num_failed_transfers_total[5m]), "of", "nixl_num_failed_transfers", "", "")\n  or\n  label_replace(rate(' + chosen.metric_prefix + 'nixl_num_kv_expired_reqs_total[5m]), "of", "nixl_num_kv_expired_reqs", "", "")\n  or\n  label_replace(rate(' + chosen.metric_prefix + 'mooncake_num_failed_transfers_total[5m]), "of", "mooncake_num_failed_transfers", "", "")\n  or\n  label_replace(rate(' + chosen.metric_prefix + 'mooncake_num_failed_recvs_total[5m]), "of", "mooncake_num_failed_recvs", "", "")\n  or\n  label_replace(rate(' + chosen.metric_prefix + 'mooncake_num_kv_expired_reqs_total[5m]), "of", "mooncake_num_kv_expired_reqs", "", "")\n  or\n  label_replace(rate(' + chosen.metric_prefix + 'mooncake_store_operation_failed_keys_total[5m]), "of", "mooncake_store_operation_failed_keys", "", "")\n  or\n  label_replace(rate(' + chosen.metric_prefix + 'hf3fs_num_failed_save_total[5m]), "of", "hf3fs_num_failed_save", "", "")\n  or\n  label_replace(rate(' + chosen.metric_prefix + 'hf3fs_num_failed_load_total[5m]), "of", "hf3fs_num_failed_load", "", "")\n  or\n  label_replace(rate(' + chosen.metric_prefix + 'umbp_transfer_failed_total[5m]), "of", "umbp_transfer_failed", "", "")\n  or\n  label_replace(rate(' + chosen.metric_prefix + 'kv_offload_allocation_failure_total[5m]), "of", "kv_offload_allocation_failure", "", "")\n  or\n  label_replace(rate(' + chosen.metric_prefix + 'kv_offload_tiering_promotion_job_failures_total[5m]), "of", "kv_offload_tiering_promotion_job_failures", "", "")\n  or\n  label_replace(rate(' + chosen.metric_prefix + 'kv_offload_tiering_cascade_job_failures_total[5m]), "of", "kv_offload_tiering_cascade_job_failures", "", "")\n)',
        },
      ],
    },
    {
      name: 'vllm-memory',
      rules: [
        {
          record: 'engine:vllm_target_seen:up',
          expr: 'max by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, instance) (max_over_time(up{' + chosen.target_selector + ',job!~".*(router|gateway|proxy|epp).*"}[1h:1m])) == 1\nor\nmax by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, instance) (max_over_time(up{' + chosen.target_selector + ',job!~".*(router|gateway|proxy|epp).*"}[1d:30m])) == 1\nor\ngroup by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, instance) (last_over_time((' + chosen.metric_prefix + 'num_requests_running)[6h:15m]))',
        },
        {
          record: 'engine:vllm_few_requests_http_errors:ratio_rate5m',
          expr: '(sum_over_time(engine:vllm_http_failures:sum_rate5m[1h:5m]) * 300 >= 9.5) / on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, instance) (sum_over_time(engine:vllm_http_answers:sum_rate5m[1h:5m]) * 300 < 240)\nand on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, instance)\nengine:vllm_http_answers:sum_rate5m * 300 < 40\nand on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, instance)\nsum_over_time(engine:vllm_http_failures:sum_rate5m[15m:5m]) * 300 > 0.01 * sum_over_time(engine:vllm_http_answers:sum_rate5m[15m:5m]) * 300',
        },
        {
          record: 'engine:vllm_scrapes_failing:ratio',
          expr: '1 - min by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, instance) (avg_over_time(up{' + chosen.target_selector + ',job!~".*(router|gateway|proxy|epp).*"}[10m]))\nand on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, instance)\nmax by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, instance) (changes(up{' + chosen.target_selector + ',job!~".*(router|gateway|proxy|epp).*"}[10m])) >= 4',
        },
        {
          record: 'engine:vllm_process_starts_unseen:changes30m',
          expr: 'engine:vllm_process_starts:changes30m\nunless on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, instance)\nengine:vllm_engine_restarts:resets30m > 1',
        },
        {
          record: 'engine:vllm_process_starts_unseen:sum6h',
          expr: 'sum_over_time(engine:vllm_process_starts:changes30m[6h:30m])\nunless on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, instance)\nsum_over_time(engine:vllm_engine_restarts:resets30m[6h:30m]) > 3',
        },
        {
          record: 'engine:vllm_engine_gone:requests',
          expr: 'last_over_time(engine:vllm_requests_running:sum[1h:2m])\nunless on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, instance, engine, model_name)\nengine:vllm_requests_running:sum',
        },
        {
          record: 'engine:vllm_engine_restarts:sum6h',
          expr: 'sum_over_time(engine:vllm_engine_restarts:resets30m[6h:30m])',
        },
        {
          record: 'engine:vllm_engine_outlier_ttft:ratio_rate5m',
          expr: 'engine:vllm_time_to_first_token_seconds:mean_rate5m\n/ on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) group_left ()\n(\n  quantile by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (0.5, engine:vllm_time_to_first_token_seconds:mean_rate5m)\n  and on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name)\n  count by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (engine:vllm_time_to_first_token_seconds:mean_rate5m) >= 3\n)\n/ on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, instance, engine, model_name)\n(\n  (engine:vllm_prompt_tokens:rate5m / (engine:vllm_time_to_first_token_seconds_count:rate5m > 0)) / on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) group_left () quantile by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (0.5, (engine:vllm_prompt_tokens:rate5m / (engine:vllm_time_to_first_token_seconds_count:rate5m > 0))) > 1\n  or\n  0 * engine:vllm_time_to_first_token_seconds:mean_rate5m + 1\n)\nand on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, instance, engine, model_name)\nengine:vllm_time_to_first_token_seconds_count:rate5m * 300 >= 20',
        },
        {
          record: 'engine:vllm_engine_outlier_itl:ratio_rate5m',
          expr: 'engine:vllm_inter_token_latency_seconds:mean_rate5m\n/ on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) group_left ()\n(\n  quantile by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (0.5, engine:vllm_inter_token_latency_seconds:mean_rate5m)\n  and on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name)\n  count by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (engine:vllm_inter_token_latency_seconds:mean_rate5m) >= 3\n)\nand on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, instance, engine, model_name)\nengine:vllm_inter_token_latency_seconds_count:rate5m * 300 >= 200',
        },
        {
          record: 'model:vllm_generation_tokens:change_rate5m',
          expr: 'min by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n  label_replace(\n    (model:vllm_generation_tokens:per_running_rate5m > 0) / (model:vllm_generation_tokens:per_running_rate5m offset 1h > 0)\n    unless on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name)\n    model:vllm_generation_tokens:rate5m > 1.25 * model:vllm_generation_tokens:rate5m offset 1h\n    unless on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name)\n    model:vllm_prompt_tokens:rate5m > 1.25 * model:vllm_prompt_tokens:rate5m offset 1h\n    unless on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name)\n    model:vllm_inter_token_latency_seconds:mean_rate5m < 1.3 * model:vllm_inter_token_latency_seconds:mean_rate5m offset 1h,\n    "of", "1h", "", ""\n  )\n  or\n  label_replace(\n    (model:vllm_generation_tokens:per_running_rate5m > 0) / (model:vllm_generation_tokens:per_running_rate5m offset 2h > 0)\n    unless on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name)\n    model:vllm_generation_tokens:rate5m > 1.25 * model:vllm_generation_tokens:rate5m offset 2h\n    unless on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name)\n    model:vllm_prompt_tokens:rate5m > 1.25 * model:vllm_prompt_tokens:rate5m offset 2h\n    unless on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name)\n    model:vllm_inter_token_latency_seconds:mean_rate5m < 1.3 * model:vllm_inter_token_latency_seconds:mean_rate5m offset 2h,\n    "of", "2h", "", ""\n  )\n  or\n  label_replace(\n    (model:vllm_generation_tokens:per_running_rate5m > 0) / (model:vllm_generation_tokens:per_running_rate5m offset 6h > 0)\n    unless on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name)\n    model:vllm_generation_tokens:rate5m > 1.25 * model:vllm_generation_tokens:rate5m offset 6h\n    unless on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name)\n    model:vllm_prompt_tokens:rate5m > 1.25 * model:vllm_prompt_tokens:rate5m offset 6h\n    unless on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name)\n    model:vllm_inter_token_latency_seconds:mean_rate5m < 1.3 * model:vllm_inter_token_latency_seconds:mean_rate5m offset 6h,\n    "of", "6h", "", ""\n  )\n  or\n  label_replace(\n    (model:vllm_generation_tokens:per_running_rate5m > 0) / (model:vllm_generation_tokens:per_running_rate5m offset 1d > 0)\n    unless on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name)\n    model:vllm_generation_tokens:rate5m > 1.25 * model:vllm_generation_tokens:rate5m offset 1d\n    unless on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name)\n    model:vllm_prompt_tokens:rate5m > 1.25 * model:vllm_prompt_tokens:rate5m offset 1d\n    unless on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name)\n    model:vllm_inter_token_latency_seconds:mean_rate5m < 1.3 * model:vllm_inter_token_latency_seconds:mean_rate5m offset 1d,\n    "of", "1d", "", ""\n  )\n)',
        },
        {
          record: 'model:vllm_in_use:bool_rate5m',
          expr: '(\n  group by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (model:vllm_requests_running:sum > 0 or model:vllm_requests_waiting:sum > 0 or sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (model:vllm_request_success:rate5m) > 0)\n  and on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) model:vllm_requests_running:sum\n)\nor\n0 * model:vllm_requests_running:sum',
        },
        {
          record: 'model:vllm_engines_idle:avg5m',
          expr: 'sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (avg_over_time((engine:vllm_requests_running:sum == bool 0)[5m:30s]))',
        },
        {
          record: 'model:vllm_few_requests_errors:ratio_rate5m',
          expr: '(sum_over_time((model:vllm_request_error:ratio_rate5m * on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (model:vllm_request_success:rate5m)))[1h:5m]) * 300 >= 9.5) / on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (sum_over_time((sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (model:vllm_request_success:rate5m))[1h:5m]) * 300 < 240)\nand on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name)\n(sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (model:vllm_request_success:rate5m)) * 300 < 40\nand on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name)\nsum_over_time((model:vllm_request_error:ratio_rate5m * on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (model:vllm_request_success:rate5m)))[15m:5m]) * 300 > 0.01 * sum_over_time((sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (model:vllm_request_success:rate5m))[15m:5m]) * 300\nor\n(sum_over_time((model:vllm_request_error:ratio_rate5m * on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (model:vllm_request_success:rate5m)))[6h:5m]) * 300 >= 9.5) / on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (sum_over_time((sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (model:vllm_request_success:rate5m))[6h:5m]) * 300 < 240)\nand on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name)\n(sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (model:vllm_request_success:rate5m)) * 300 < 40\nand on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name)\nsum_over_time((model:vllm_request_error:ratio_rate5m * on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (model:vllm_request_success:rate5m)))[1h:5m]) * 300 > 0.5 * sum_over_time((sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (model:vllm_request_success:rate5m))[1h:5m]) * 300\nand on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name)\nsum_over_time((model:vllm_request_error:ratio_rate5m * on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (model:vllm_request_success:rate5m)))[1h:5m]) * 300 < 9.5',
        },
        {
          record: 'model:vllm_answers_collapsed:ratio_rate5m',
          expr: 'model:vllm_request_generation_tokens:mean_rate5m / (max_over_time(model:vllm_request_generation_tokens:mean_rate5m[1h:5m] offset 30m) >= 20)\nand on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name)\nmodel:vllm_request_generation_tokens:mean_rate5m <= 2\nand on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name)\nmodel:vllm_request_prompt_tokens:mean_rate5m > 0.5 * avg_over_time(model:vllm_request_prompt_tokens:mean_rate5m[1h:5m] offset 30m)\nand on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name)\nmodel:vllm_request_prompt_tokens:mean_rate5m < 2 * avg_over_time(model:vllm_request_prompt_tokens:mean_rate5m[1h:5m] offset 30m)\nand on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name)\nsum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (model:vllm_request_success:rate5m) * 300 >= 20',
        },
        {
          record: 'model:vllm_requests_left:ratio_rate5m',
          expr: '1 - (sum_over_time((sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (model:vllm_request_success:rate5m))[30m:5m]) * 300 + model:vllm_requests_running:sum - model:vllm_requests_running:sum offset 30m)\n/ (sum_over_time(model:vllm_time_to_first_token_seconds_count:rate5m[30m:5m]) * 300 >= 60)',
        },
        {
          record: 'model:vllm_addresses_unexplained:count',
          expr: 'count by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (group by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, instance, model_name) (engine:vllm_requests_running:sum or engine:vllm_engine_gone:requests))\n-\n2 * max_over_time((count by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (group by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, instance, model_name) (engine:vllm_requests_running:sum)))[1h:5m])',
        },
        {
          record: 'model:vllm_addresses_unexplained:sum6h',
          expr: 'count by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (group by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, instance, model_name) (last_over_time((engine:vllm_requests_running:sum)[6h:5m]) > 0 unless engine:vllm_requests_running:sum))\n-\n2 * max_over_time((count by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (group by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, instance, model_name) (engine:vllm_requests_running:sum)))[6h:5m])',
        },
        {
          record: 'model:vllm_output_headroom:ratio_rate5m',
          expr: 'clamp_min(\n  1 - model:vllm_generation_tokens:rate5m / model:vllm_engines:count\n  / (max_over_time((model:vllm_generation_tokens:rate5m / model:vllm_engines:count)[1d:5m]) > 0),\n  0\n)',
        },
      ],
    },
    {
      name: 'vllm-fleet',
      rules: [
        {
          record: 'engine:vllm_process_starts:changes30m',
          expr: 'max by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, instance) (changes(process_start_time_seconds{' + chosen.target_selector + '}[30m:1m]))',
        },
        {
          record: 'engine:vllm_engine_restarts:resets30m',
          expr: 'max by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, instance, engine, model_name) (\n  label_replace(resets(' + chosen.metric_prefix + 'generation_tokens_total[30m]), "of", "generated", "", "")\n  or\n  label_replace(resets(' + chosen.metric_prefix + 'prompt_tokens_total[30m:1m]), "of", "prompts", "", "")\n)',
        },
        {
          record: 'model:vllm_config_variants:count',
          expr: 'count by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n  group by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name, block_size, cache_dtype, enable_prefix_caching, gpu_memory_utilization) (\n    group by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, instance, model_name) (' + chosen.metric_prefix + 'num_requests_running)\n    * on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, instance) group_left (block_size, cache_dtype, enable_prefix_caching, gpu_memory_utilization)\n    topk by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, instance) (1, group by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, instance, block_size, cache_dtype, enable_prefix_caching, gpu_memory_utilization) (' + chosen.metric_prefix + 'cache_config_info))\n  )\n)',
        },
        {
          record: 'model:vllm_engines:count',
          expr: 'count by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (max without (pid) (' + chosen.metric_prefix + 'num_requests_running))',
        },
      ],
    },
    {
      name: 'vllm-thresholds',
      rules: [
        {
          record: 'model:vllm_scrapes_failing:threshold',
          expr: chosen.of_models('scrapes_failing', 'warning', function(match, bound) 'group by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n  engine:vllm_scrapes_failing:ratio{model_name=~"' + match + '"}\n) * ' + bound) + 'group by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (engine:vllm_scrapes_failing:ratio) * ' + chosen.bound('scrapes_failing', 'warning'),
          labels: {
            severity: 'warning',
          },
        },
        {
          record: 'model:vllm_restarting:threshold',
          expr: chosen.of_models('restarting', 'warning', function(match, bound) 'group by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n  engine:vllm_engine_restarts:resets30m{model_name=~"' + match + '"}\n  or\n  model:vllm_requests_running:sum{model_name=~"' + match + '"}\n) * ' + bound) + 'group by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n  engine:vllm_engine_restarts:resets30m or model:vllm_requests_running:sum\n) * ' + chosen.bound('restarting', 'warning'),
          labels: {
            severity: 'warning',
          },
        },
        {
          record: 'model:vllm_restarting_slowly:threshold',
          expr: chosen.of_models('restarting_slowly', 'warning', function(match, bound) 'group by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n  engine:vllm_engine_restarts:sum6h{model_name=~"' + match + '"}\n  or\n  model:vllm_requests_running:sum{model_name=~"' + match + '"}\n) * ' + bound) + 'group by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n  engine:vllm_engine_restarts:sum6h or model:vllm_requests_running:sum\n) * ' + chosen.bound('restarting_slowly', 'warning'),
          labels: {
            severity: 'warning',
          },
        },
        {
          record: 'model:vllm_starting_again:threshold',
          expr: chosen.of_models('starting_again', 'warning', function(match, bound) 'group by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n  engine:vllm_process_starts_unseen:changes30m{model_name=~"' + match + '"}\n) * ' + bound) + 'group by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (engine:vllm_process_starts_unseen:changes30m) * ' + chosen.bound('starting_again', 'warning'),
          labels: {
            severity: 'warning',
          },
        },
        {
          record: 'model:vllm_starting_again_slowly:threshold',
          expr: chosen.of_models('starting_again_slowly', 'warning', function(match, bound) 'group by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n  engine:vllm_process_starts_unseen:sum6h{model_name=~"' + match + '"}\n) * ' + bound) + 'group by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (engine:vllm_process_starts_unseen:sum6h) * ' + chosen.bound('starting_again_slowly', 'warning'),
          labels: {
            severity: 'warning',
          },
        },
        {
          record: 'model:vllm_restarting_elsewhere:threshold',
          expr: chosen.of_models('restarting_elsewhere', 'warning', function(match, bound) 'group by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n  model:vllm_addresses_unexplained:count{model_name=~"' + match + '"}\n  or\n  model:vllm_requests_running:sum{model_name=~"' + match + '"}\n) * ' + bound) + 'group by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n  model:vllm_addresses_unexplained:count or model:vllm_requests_running:sum\n) * ' + chosen.bound('restarting_elsewhere', 'warning'),
          labels: {
            severity: 'warning',
          },
        },
        {
          record: 'model:vllm_restarting_elsewhere_slowly:threshold',
          expr: chosen.of_models('restarting_elsewhere_slowly', 'warning', function(match, bound) 'group by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n  model:vllm_addresses_unexplained:sum6h{model_name=~"' + match + '"}\n  or\n  model:vllm_requests_running:sum{model_name=~"' + match + '"}\n) * ' + bound) + 'group by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n  model:vllm_addresses_unexplained:sum6h or model:vllm_requests_running:sum\n) * ' + chosen.bound('restarting_elsewhere_slowly', 'warning'),
          labels: {
            severity: 'warning',
          },
        },
        {
          record: 'model:vllm_scrape_slow:threshold',
          expr: chosen.of_models('scrape_slow', 'warning', function(match, bound) 'group by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n  (max by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, instance) (scrape_duration_seconds{' + chosen.target_selector + '}) / 15)\n) * ' + bound) + 'group by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n  (max by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, instance) (scrape_duration_seconds{' + chosen.target_selector + '}) / 15)\n) * ' + chosen.bound('scrape_slow', 'warning'),
          labels: {
            severity: 'warning',
          },
        },
        {
          record: 'model:vllm_engine_outlier_ttft:threshold',
          expr: chosen.of_models('engine_outlier_ttft', 'warning', function(match, bound) 'group by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n  engine:vllm_engine_outlier_ttft:ratio_rate5m{model_name=~"' + match + '"}\n  or\n  model:vllm_requests_running:sum{model_name=~"' + match + '"}\n) * ' + bound) + 'group by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n  engine:vllm_engine_outlier_ttft:ratio_rate5m or model:vllm_requests_running:sum\n) * ' + chosen.bound('engine_outlier_ttft', 'warning'),
          labels: {
            severity: 'warning',
          },
        },
        {
          record: 'model:vllm_engine_outlier_itl:threshold',
          expr: chosen.of_models('engine_outlier_itl', 'warning', function(match, bound) 'group by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n  engine:vllm_engine_outlier_itl:ratio_rate5m{model_name=~"' + match + '"}\n  or\n  model:vllm_requests_running:sum{model_name=~"' + match + '"}\n) * ' + bound) + 'group by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n  engine:vllm_engine_outlier_itl:ratio_rate5m or model:vllm_requests_running:sum\n) * ' + chosen.bound('engine_outlier_itl', 'warning'),
          labels: {
            severity: 'warning',
          },
        },
        {
          record: 'model:vllm_load_imbalance_kv:threshold',
          expr: chosen.of_models('load_imbalance_kv', 'info', function(match, bound) 'group by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n  engine:vllm_load_imbalance_kv:distance{model_name=~"' + match + '"}\n  or\n  model:vllm_requests_running:sum{model_name=~"' + match + '"}\n) * ' + bound) + 'group by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n  engine:vllm_load_imbalance_kv:distance or model:vllm_requests_running:sum\n) * ' + chosen.bound('load_imbalance_kv', 'info'),
          labels: {
            severity: 'info',
          },
        },
        {
          record: 'model:vllm_load_imbalance_running:threshold',
          expr: chosen.of_models('load_imbalance_running', 'info', function(match, bound) 'group by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n  engine:vllm_load_imbalance_running:factor{model_name=~"' + match + '"}\n  or\n  model:vllm_requests_running:sum{model_name=~"' + match + '"}\n) * ' + bound) + 'group by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n  engine:vllm_load_imbalance_running:factor or model:vllm_requests_running:sum\n) * ' + chosen.bound('load_imbalance_running', 'info'),
          labels: {
            severity: 'info',
          },
        },
        {
          record: 'model:vllm_config_drift:threshold',
          expr: chosen.of_models('config_drift', 'info', function(match, bound) 'group by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n  model:vllm_config_variants:count{model_name=~"' + match + '"}\n  or\n  model:vllm_requests_running:sum{model_name=~"' + match + '"}\n) * ' + bound) + 'group by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n  model:vllm_config_variants:count or model:vllm_requests_running:sum\n) * ' + chosen.bound('config_drift', 'info'),
          labels: {
            severity: 'info',
          },
        },
        {
          record: 'model:vllm_queue_drain:threshold',
          expr: chosen.of_models('queue_drain', 'warning', function(match, bound) 'group by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n  model:vllm_queue_drain:seconds_rate5m{model_name=~"' + match + '"}\n  or\n  model:vllm_requests_running:sum{model_name=~"' + match + '"}\n) * ' + bound) + 'group by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n  model:vllm_queue_drain:seconds_rate5m or model:vllm_requests_running:sum\n) * ' + chosen.bound('queue_drain', 'warning'),
          labels: {
            severity: 'warning',
          },
        },
        {
          record: 'model:vllm_queue_drain:threshold',
          expr: chosen.of_models('queue_drain', 'critical', function(match, bound) 'group by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n  model:vllm_queue_drain:seconds_rate5m{model_name=~"' + match + '"}\n  or\n  model:vllm_requests_running:sum{model_name=~"' + match + '"}\n) * ' + bound) + 'group by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n  model:vllm_queue_drain:seconds_rate5m or model:vllm_requests_running:sum\n) * ' + chosen.bound('queue_drain', 'critical'),
          labels: {
            severity: 'critical',
          },
        },
        {
          record: 'model:vllm_admission_rejections:threshold',
          expr: chosen.of_models('admission_rejections', 'warning', function(match, bound) 'group by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n  sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n    model:vllm_admission_rejections:rate5m{model_name=~"' + match + '"}\n  )\n  or\n  model:vllm_requests_running:sum{model_name=~"' + match + '"}\n) * ' + bound) + 'group by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n  sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (model:vllm_admission_rejections:rate5m)\n  or\n  model:vllm_requests_running:sum\n) * ' + chosen.bound('admission_rejections', 'warning'),
          labels: {
            severity: 'warning',
          },
        },
        {
          record: 'model:vllm_corrupted_requests:threshold',
          expr: chosen.of_models('corrupted_requests', 'warning', function(match, bound) 'group by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n  model:vllm_corrupted_requests:increase15m{model_name=~"' + match + '"}\n  or\n  model:vllm_requests_running:sum{model_name=~"' + match + '"}\n) * ' + bound) + 'group by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n  model:vllm_corrupted_requests:increase15m or model:vllm_requests_running:sum\n) * ' + chosen.bound('corrupted_requests', 'warning'),
          labels: {
            severity: 'warning',
          },
        },
        {
          record: 'model:vllm_prefix_cache_drop:threshold',
          expr: chosen.of_models('prefix_cache_drop', 'info', function(match, bound) 'group by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n  model:vllm_prefix_cache_hits:change1d_rate5m{model_name=~"' + match + '"}\n  or\n  model:vllm_requests_running:sum{model_name=~"' + match + '"}\n) * ' + bound) + 'group by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n  model:vllm_prefix_cache_hits:change1d_rate5m or model:vllm_requests_running:sum\n) * ' + chosen.bound('prefix_cache_drop', 'info'),
          labels: {
            severity: 'info',
          },
        },
        {
          record: 'model:vllm_kv_transfer_failures:threshold',
          expr: chosen.of_models('kv_transfer_failures', 'warning', function(match, bound) 'group by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n  model:vllm_kv_transfer_failures:sum_rate5m{model_name=~"' + match + '"}\n  or\n  model:vllm_requests_running:sum{model_name=~"' + match + '"}\n) * ' + bound) + 'group by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n  model:vllm_kv_transfer_failures:sum_rate5m or model:vllm_requests_running:sum\n) * ' + chosen.bound('kv_transfer_failures', 'warning'),
          labels: {
            severity: 'warning',
          },
        },
      ],
    },
    {
      name: 'vllm-thresholds-2',
      rules: [
        {
          record: 'model:vllm_kv_cache_usage:threshold',
          expr: chosen.of_models('kv_cache_usage', 'warning', function(match, bound) 'group by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n  engine:vllm_kv_cache_usage:max{model_name=~"' + match + '"}\n  or\n  model:vllm_requests_running:sum{model_name=~"' + match + '"}\n) * ' + bound) + 'group by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n  engine:vllm_kv_cache_usage:max or model:vllm_requests_running:sum\n) * ' + chosen.bound('kv_cache_usage', 'warning'),
          labels: {
            severity: 'warning',
          },
        },
        {
          record: 'model:vllm_kv_cache_usage:threshold',
          expr: chosen.of_models('kv_cache_usage', 'critical', function(match, bound) 'group by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n  engine:vllm_kv_cache_usage:max{model_name=~"' + match + '"}\n  or\n  model:vllm_requests_running:sum{model_name=~"' + match + '"}\n) * ' + bound) + 'group by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n  engine:vllm_kv_cache_usage:max or model:vllm_requests_running:sum\n) * ' + chosen.bound('kv_cache_usage', 'critical'),
          labels: {
            severity: 'critical',
          },
        },
        {
          record: 'model:vllm_kv_cache_filled:threshold',
          expr: chosen.of_models('kv_cache_filled', 'info', function(match, bound) 'group by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n  engine:vllm_kv_cache_usage:max{model_name=~"' + match + '"}\n  or\n  model:vllm_requests_running:sum{model_name=~"' + match + '"}\n) * ' + bound) + 'group by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n  engine:vllm_kv_cache_usage:max or model:vllm_requests_running:sum\n) * ' + chosen.bound('kv_cache_filled', 'info'),
          labels: {
            severity: 'info',
          },
        },
        {
          record: 'model:vllm_requests_waiting:threshold',
          expr: chosen.of_models('requests_waiting', 'warning', function(match, bound) 'group by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n  model:vllm_requests_waiting:avg{model_name=~"' + match + '"}\n  or\n  model:vllm_requests_running:sum{model_name=~"' + match + '"}\n) * ' + bound) + 'group by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n  model:vllm_requests_waiting:avg or model:vllm_requests_running:sum\n) * ' + chosen.bound('requests_waiting', 'warning'),
          labels: {
            severity: 'warning',
          },
        },
        {
          record: 'model:vllm_requests_waiting:threshold',
          expr: chosen.of_models('requests_waiting', 'critical', function(match, bound) 'group by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n  model:vllm_requests_waiting:avg{model_name=~"' + match + '"}\n  or\n  model:vllm_requests_running:sum{model_name=~"' + match + '"}\n) * ' + bound) + 'group by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n  model:vllm_requests_waiting:avg or model:vllm_requests_running:sum\n) * ' + chosen.bound('requests_waiting', 'critical'),
          labels: {
            severity: 'critical',
          },
        },
        {
          record: 'model:vllm_ttft:threshold',
          expr: chosen.of_models('ttft', 'warning', function(match, bound) 'group by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n  model:vllm_time_to_first_token_seconds:p95_rate5m{model_name=~"' + match + '"}\n  or\n  model:vllm_requests_running:sum{model_name=~"' + match + '"}\n) * ' + bound) + 'group by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n  model:vllm_time_to_first_token_seconds:p95_rate5m or model:vllm_requests_running:sum\n) * ' + chosen.bound('ttft', 'warning'),
          labels: {
            severity: 'warning',
          },
        },
        {
          record: 'model:vllm_ttft:threshold',
          expr: chosen.of_models('ttft', 'critical', function(match, bound) 'group by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n  model:vllm_time_to_first_token_seconds:p95_rate5m{model_name=~"' + match + '"}\n  or\n  model:vllm_requests_running:sum{model_name=~"' + match + '"}\n) * ' + bound) + 'group by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n  model:vllm_time_to_first_token_seconds:p95_rate5m or model:vllm_requests_running:sum\n) * ' + chosen.bound('ttft', 'critical'),
          labels: {
            severity: 'critical',
          },
        },
        {
          record: 'model:vllm_itl:threshold',
          expr: chosen.of_models('itl', 'warning', function(match, bound) 'group by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n  model:vllm_inter_token_latency_seconds:p95_rate5m{model_name=~"' + match + '"}\n  or\n  model:vllm_requests_running:sum{model_name=~"' + match + '"}\n) * ' + bound) + 'group by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n  model:vllm_inter_token_latency_seconds:p95_rate5m or model:vllm_requests_running:sum\n) * ' + chosen.bound('itl', 'warning'),
          labels: {
            severity: 'warning',
          },
        },
        {
          record: 'model:vllm_itl:threshold',
          expr: chosen.of_models('itl', 'critical', function(match, bound) 'group by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n  model:vllm_inter_token_latency_seconds:p95_rate5m{model_name=~"' + match + '"}\n  or\n  model:vllm_requests_running:sum{model_name=~"' + match + '"}\n) * ' + bound) + 'group by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n  model:vllm_inter_token_latency_seconds:p95_rate5m or model:vllm_requests_running:sum\n) * ' + chosen.bound('itl', 'critical'),
          labels: {
            severity: 'critical',
          },
        },
        {
          record: 'model:vllm_queue_time:threshold',
          expr: chosen.of_models('queue_time', 'warning', function(match, bound) 'group by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n  model:vllm_request_queue_time_seconds:mean_rate5m{model_name=~"' + match + '"}\n  or\n  model:vllm_requests_running:sum{model_name=~"' + match + '"}\n) * ' + bound) + 'group by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n  model:vllm_request_queue_time_seconds:mean_rate5m or model:vllm_requests_running:sum\n) * ' + chosen.bound('queue_time', 'warning'),
          labels: {
            severity: 'warning',
          },
        },
        {
          record: 'model:vllm_queue_time:threshold',
          expr: chosen.of_models('queue_time', 'critical', function(match, bound) 'group by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n  model:vllm_request_queue_time_seconds:mean_rate5m{model_name=~"' + match + '"}\n  or\n  model:vllm_requests_running:sum{model_name=~"' + match + '"}\n) * ' + bound) + 'group by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n  model:vllm_request_queue_time_seconds:mean_rate5m or model:vllm_requests_running:sum\n) * ' + chosen.bound('queue_time', 'critical'),
          labels: {
            severity: 'critical',
          },
        },
        {
          record: 'model:vllm_throughput_dropped:threshold',
          expr: chosen.of_models('throughput_dropped', 'warning', function(match, bound) 'group by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n  model:vllm_generation_tokens:change_rate5m{model_name=~"' + match + '"}\n  or\n  model:vllm_requests_running:sum{model_name=~"' + match + '"}\n) * ' + bound) + 'group by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n  model:vllm_generation_tokens:change_rate5m or model:vllm_requests_running:sum\n) * ' + chosen.bound('throughput_dropped', 'warning'),
          labels: {
            severity: 'warning',
          },
        },
        {
          record: 'model:vllm_preemptions:threshold',
          expr: chosen.of_models('preemptions', 'warning', function(match, bound) 'group by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n  model:vllm_preemptions:per_request_rate5m{model_name=~"' + match + '"}\n  or\n  model:vllm_requests_running:sum{model_name=~"' + match + '"}\n) * ' + bound) + 'group by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n  model:vllm_preemptions:per_request_rate5m or model:vllm_requests_running:sum\n) * ' + chosen.bound('preemptions', 'warning'),
          labels: {
            severity: 'warning',
          },
        },
        {
          record: 'model:vllm_preemptions:threshold',
          expr: chosen.of_models('preemptions', 'critical', function(match, bound) 'group by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n  model:vllm_preemptions:per_request_rate5m{model_name=~"' + match + '"}\n  or\n  model:vllm_requests_running:sum{model_name=~"' + match + '"}\n) * ' + bound) + 'group by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n  model:vllm_preemptions:per_request_rate5m or model:vllm_requests_running:sum\n) * ' + chosen.bound('preemptions', 'critical'),
          labels: {
            severity: 'critical',
          },
        },
        {
          record: 'model:vllm_request_errors:threshold',
          expr: chosen.of_models('request_errors', 'warning', function(match, bound) 'group by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n  model:vllm_request_error:ratio_rate5m{model_name=~"' + match + '"}\n  or\n  model:vllm_requests_running:sum{model_name=~"' + match + '"}\n) * ' + bound) + 'group by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n  model:vllm_request_error:ratio_rate5m or model:vllm_requests_running:sum\n) * ' + chosen.bound('request_errors', 'warning'),
          labels: {
            severity: 'warning',
          },
        },
        {
          record: 'model:vllm_request_errors:threshold',
          expr: chosen.of_models('request_errors', 'critical', function(match, bound) 'group by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n  model:vllm_request_error:ratio_rate5m{model_name=~"' + match + '"}\n  or\n  model:vllm_requests_running:sum{model_name=~"' + match + '"}\n) * ' + bound) + 'group by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n  model:vllm_request_error:ratio_rate5m or model:vllm_requests_running:sum\n) * ' + chosen.bound('request_errors', 'critical'),
          labels: {
            severity: 'critical',
          },
        },
        {
          record: 'model:vllm_few_requests_errors:threshold',
          expr: chosen.of_models('few_requests_errors', 'warning', function(match, bound) 'group by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n  model:vllm_few_requests_errors:ratio_rate5m{model_name=~"' + match + '"}\n  or\n  model:vllm_requests_running:sum{model_name=~"' + match + '"}\n) * ' + bound) + 'group by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n  model:vllm_few_requests_errors:ratio_rate5m or model:vllm_requests_running:sum\n) * ' + chosen.bound('few_requests_errors', 'warning'),
          labels: {
            severity: 'warning',
          },
        },
        {
          record: 'model:vllm_few_requests_errors:threshold',
          expr: chosen.of_models('few_requests_errors', 'critical', function(match, bound) 'group by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n  model:vllm_few_requests_errors:ratio_rate5m{model_name=~"' + match + '"}\n  or\n  model:vllm_requests_running:sum{model_name=~"' + match + '"}\n) * ' + bound) + 'group by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n  model:vllm_few_requests_errors:ratio_rate5m or model:vllm_requests_running:sum\n) * ' + chosen.bound('few_requests_errors', 'critical'),
          labels: {
            severity: 'critical',
          },
        },
        {
          record: 'model:vllm_http_server_errors:threshold',
          expr: chosen.of_models('http_server_errors', 'warning', function(match, bound) 'group by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n  model:vllm_http_server_errors:ratio_rate5m{model_name=~"' + match + '"}\n) * ' + bound) + 'group by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (model:vllm_http_server_errors:ratio_rate5m) * ' + chosen.bound('http_server_errors', 'warning'),
          labels: {
            severity: 'warning',
          },
        },
        {
          record: 'model:vllm_http_server_errors:threshold',
          expr: chosen.of_models('http_server_errors', 'critical', function(match, bound) 'group by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n  model:vllm_http_server_errors:ratio_rate5m{model_name=~"' + match + '"}\n) * ' + bound) + 'group by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (model:vllm_http_server_errors:ratio_rate5m) * ' + chosen.bound('http_server_errors', 'critical'),
          labels: {
            severity: 'critical',
          },
        },
      ],
    },
    {
      name: 'vllm-thresholds-3',
      rules: [
        {
          record: 'model:vllm_http_server_errors_model:threshold',
          expr: chosen.of_models('http_server_errors_model', 'warning', function(match, bound) 'group by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n  model:vllm_model_http_errors:ratio_rate5m{model_name=~"' + match + '"}\n  or\n  model:vllm_requests_running:sum{model_name=~"' + match + '"}\n) * ' + bound) + 'group by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n  model:vllm_model_http_errors:ratio_rate5m or model:vllm_requests_running:sum\n) * ' + chosen.bound('http_server_errors_model', 'warning'),
          labels: {
            severity: 'warning',
          },
        },
        {
          record: 'model:vllm_http_server_errors_model:threshold',
          expr: chosen.of_models('http_server_errors_model', 'critical', function(match, bound) 'group by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n  model:vllm_model_http_errors:ratio_rate5m{model_name=~"' + match + '"}\n  or\n  model:vllm_requests_running:sum{model_name=~"' + match + '"}\n) * ' + bound) + 'group by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n  model:vllm_model_http_errors:ratio_rate5m or model:vllm_requests_running:sum\n) * ' + chosen.bound('http_server_errors_model', 'critical'),
          labels: {
            severity: 'critical',
          },
        },
        {
          record: 'model:vllm_http_server_errors_server:threshold',
          expr: chosen.of_models('http_server_errors_server', 'warning', function(match, bound) 'group by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n  engine:vllm_server_http_errors:ratio_rate5m{model_name=~"' + match + '"}\n) * ' + bound) + 'group by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (engine:vllm_server_http_errors:ratio_rate5m) * ' + chosen.bound('http_server_errors_server', 'warning'),
          labels: {
            severity: 'warning',
          },
        },
        {
          record: 'model:vllm_http_server_errors_server:threshold',
          expr: chosen.of_models('http_server_errors_server', 'critical', function(match, bound) 'group by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n  engine:vllm_server_http_errors:ratio_rate5m{model_name=~"' + match + '"}\n) * ' + bound) + 'group by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (engine:vllm_server_http_errors:ratio_rate5m) * ' + chosen.bound('http_server_errors_server', 'critical'),
          labels: {
            severity: 'critical',
          },
        },
        {
          record: 'model:vllm_few_requests_http_errors:threshold',
          expr: chosen.of_models('few_requests_http_errors', 'warning', function(match, bound) 'group by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n  engine:vllm_few_requests_http_errors:ratio_rate5m{model_name=~"' + match + '"}\n) * ' + bound) + 'group by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n  engine:vllm_few_requests_http_errors:ratio_rate5m\n) * ' + chosen.bound('few_requests_http_errors', 'warning'),
          labels: {
            severity: 'warning',
          },
        },
        {
          record: 'model:vllm_few_requests_http_errors:threshold',
          expr: chosen.of_models('few_requests_http_errors', 'critical', function(match, bound) 'group by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n  engine:vllm_few_requests_http_errors:ratio_rate5m{model_name=~"' + match + '"}\n) * ' + bound) + 'group by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n  engine:vllm_few_requests_http_errors:ratio_rate5m\n) * ' + chosen.bound('few_requests_http_errors', 'critical'),
          labels: {
            severity: 'critical',
          },
        },
        {
          record: 'model:vllm_aborts:threshold',
          expr: chosen.of_models('aborts', 'info', function(match, bound) 'group by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n  model:vllm_request_abort:ratio_rate5m{model_name=~"' + match + '"}\n  or\n  model:vllm_requests_running:sum{model_name=~"' + match + '"}\n) * ' + bound) + 'group by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n  model:vllm_request_abort:ratio_rate5m or model:vllm_requests_running:sum\n) * ' + chosen.bound('aborts', 'info'),
          labels: {
            severity: 'info',
          },
        },
        {
          record: 'model:vllm_uncounted_aborts:threshold',
          expr: chosen.of_models('uncounted_aborts', 'info', function(match, bound) 'group by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n  model:vllm_requests_left:ratio_rate5m{model_name=~"' + match + '"}\n  or\n  model:vllm_requests_running:sum{model_name=~"' + match + '"}\n) * ' + bound) + 'group by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n  model:vllm_requests_left:ratio_rate5m or model:vllm_requests_running:sum\n) * ' + chosen.bound('uncounted_aborts', 'info'),
          labels: {
            severity: 'info',
          },
        },
        {
          record: 'model:vllm_answers_collapsed:threshold',
          expr: chosen.of_models('answers_collapsed', 'info', function(match, bound) 'group by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n  model:vllm_answers_collapsed:ratio_rate5m{model_name=~"' + match + '"}\n  or\n  model:vllm_requests_running:sum{model_name=~"' + match + '"}\n) * ' + bound) + 'group by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n  model:vllm_answers_collapsed:ratio_rate5m or model:vllm_requests_running:sum\n) * ' + chosen.bound('answers_collapsed', 'info'),
          labels: {
            severity: 'info',
          },
        },
        {
          record: 'model:vllm_output_truncation:threshold',
          expr: chosen.of_models('output_truncation', 'info', function(match, bound) 'group by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n  model:vllm_request_length:ratio_rate5m{model_name=~"' + match + '"}\n  or\n  model:vllm_requests_running:sum{model_name=~"' + match + '"}\n) * ' + bound) + 'group by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n  model:vllm_request_length:ratio_rate5m or model:vllm_requests_running:sum\n) * ' + chosen.bound('output_truncation', 'info'),
          labels: {
            severity: 'info',
          },
        },
        {
          record: 'model:vllm_spec_decode_acceptance:threshold',
          expr: chosen.of_models('spec_decode_acceptance', 'info', function(match, bound) 'group by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n  model:vllm_spec_decode_accepted_tokens:ratio_rate5m{model_name=~"' + match + '"}\n  or\n  model:vllm_requests_running:sum{model_name=~"' + match + '"}\n) * ' + bound) + 'group by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n  model:vllm_spec_decode_accepted_tokens:ratio_rate5m or model:vllm_requests_running:sum\n) * ' + chosen.bound('spec_decode_acceptance', 'info'),
          labels: {
            severity: 'info',
          },
        },
      ],
    },
    {
      name: 'vllm-slo',
      interval: '1m',
      rules: [
        {
          record: 'model:vllm_time_to_first_token_seconds_bucket:some_rate5m',
          expr: 'sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name, le) (\n  rate(' + chosen.metric_prefix + 'time_to_first_token_seconds_bucket{le=~"2\\\\.5|7\\\\.5|\\\\+Inf|1|1\\\\.0"}[5m])\n)',
        },
        {
          record: 'model:vllm_request_queue_time_seconds_bucket:some_rate5m',
          expr: 'sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name, le) (\n  rate(' + chosen.metric_prefix + 'request_queue_time_seconds_bucket{le=~"0\\\\.3|2|2\\\\.0|\\\\+Inf|5|5\\\\.0|15|15\\\\.0|60|60\\\\.0"}[5m])\n)',
        },
        {
          record: 'model:vllm_request_prefill_time_seconds_bucket:some_rate5m',
          expr: 'sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name, le) (\n  rate(' + chosen.metric_prefix + 'request_prefill_time_seconds_bucket{le=~"0\\\\.5|1\\\\.5|\\\\+Inf|5|5\\\\.0"}[5m])\n)',
        },
        {
          record: 'model:vllm_unexplained_starts:ratio_rate5m',
          expr: 'max by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n  0 * (\n    sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n      model:vllm_request_queue_time_seconds_bucket:some_rate5m{le=~"\\\\+Inf"}\n    ) > 0\n  )\n  or\n  label_replace(\n    (\n      sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n        model:vllm_request_queue_time_seconds_bucket:some_rate5m{le=~"0\\\\.3"}\n      )\n      /\n      (\n        sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n          model:vllm_request_queue_time_seconds_bucket:some_rate5m{le=~"\\\\+Inf"}\n        ) > 0\n      )\n    )\n    +\n    (\n      sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n        model:vllm_request_prefill_time_seconds_bucket:some_rate5m{le=~"0\\\\.5"}\n      )\n      /\n      (\n        sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n          model:vllm_request_prefill_time_seconds_bucket:some_rate5m{le=~"\\\\+Inf"}\n        ) > 0\n      )\n    )\n    -\n    (\n      sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n        model:vllm_time_to_first_token_seconds_bucket:some_rate5m{le=~"2\\\\.5"}\n      )\n      /\n      (\n        sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n          model:vllm_time_to_first_token_seconds_bucket:some_rate5m{le=~"\\\\+Inf"}\n        ) > 0\n      )\n    )\n    - 1,\n    "above", "2.5", "", ""\n  )\n  or\n  label_replace(\n    (\n      sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n        model:vllm_request_queue_time_seconds_bucket:some_rate5m{le=~"2|2\\\\.0"}\n      )\n      /\n      (\n        sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n          model:vllm_request_queue_time_seconds_bucket:some_rate5m{le=~"\\\\+Inf"}\n        ) > 0\n      )\n    )\n    +\n    (\n      sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n        model:vllm_request_prefill_time_seconds_bucket:some_rate5m{le=~"1\\\\.5"}\n      )\n      /\n      (\n        sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n          model:vllm_request_prefill_time_seconds_bucket:some_rate5m{le=~"\\\\+Inf"}\n        ) > 0\n      )\n    )\n    -\n    (\n      sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n        model:vllm_time_to_first_token_seconds_bucket:some_rate5m{le=~"7\\\\.5"}\n      )\n      /\n      (\n        sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n          model:vllm_time_to_first_token_seconds_bucket:some_rate5m{le=~"\\\\+Inf"}\n        ) > 0\n      )\n    )\n    - 1,\n    "above", "7.5", "", ""\n  )\n)',
        },
        {
          record: 'model:vllm_late_starts:ratio_rate5m',
          expr: '(\n  (\n    sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n      model:vllm_request_queue_time_seconds_bucket:some_rate5m{le=~"5|5\\\\.0"}\n    )\n    -\n    sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n      model:vllm_request_queue_time_seconds_bucket:some_rate5m{le=~"2|2\\\\.0"}\n    )\n  )\n  *\n  sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n    model:vllm_request_prefill_time_seconds_bucket:some_rate5m{le=~"0\\\\.5"}\n  )\n  +\n  (\n    sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n      model:vllm_request_queue_time_seconds_bucket:some_rate5m{le=~"15|15\\\\.0"}\n    )\n    -\n    sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n      model:vllm_request_queue_time_seconds_bucket:some_rate5m{le=~"5|5\\\\.0"}\n    )\n  )\n  *\n  sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n    model:vllm_request_prefill_time_seconds_bucket:some_rate5m{le=~"1\\\\.5"}\n  )\n  +\n  (\n    sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n      model:vllm_request_queue_time_seconds_bucket:some_rate5m{le=~"60|60\\\\.0"}\n    )\n    -\n    sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n      model:vllm_request_queue_time_seconds_bucket:some_rate5m{le=~"15|15\\\\.0"}\n    )\n  )\n  *\n  sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n    model:vllm_request_prefill_time_seconds_bucket:some_rate5m{le=~"5|5\\\\.0"}\n  )\n  +\n  (\n    sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n      model:vllm_request_queue_time_seconds_bucket:some_rate5m{le=~"\\\\+Inf"}\n    )\n    -\n    sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n      model:vllm_request_queue_time_seconds_bucket:some_rate5m{le=~"60|60\\\\.0"}\n    )\n  )\n  *\n  sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n    model:vllm_request_prefill_time_seconds_bucket:some_rate5m{le=~"\\\\+Inf"}\n  )\n)\n/\n(\n  (\n    sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n      model:vllm_request_queue_time_seconds_bucket:some_rate5m{le=~"\\\\+Inf"}\n    )\n    *\n    sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n      model:vllm_request_prefill_time_seconds_bucket:some_rate5m{le=~"\\\\+Inf"}\n    )\n  ) > 0\n)\n+\nmodel:vllm_unexplained_starts:ratio_rate5m\nor\n(\n  sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n    model:vllm_time_to_first_token_seconds_bucket:some_rate5m{le=~"\\\\+Inf"}\n  )\n  -\n  sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n    model:vllm_time_to_first_token_seconds_bucket:some_rate5m{le=~"1|1\\\\.0"}\n  )\n)\n/\n(\n  sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n    model:vllm_time_to_first_token_seconds_bucket:some_rate5m{le=~"\\\\+Inf"}\n  ) > 0\n)',
        },
        {
          record: 'model:vllm_slo_ttft_good:rate5m',
          expr: 'sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (rate(' + chosen.metric_prefix + 'request_success_total[5m]))\n* on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name)\n(1 - model:vllm_late_starts:ratio_rate5m)',
        },
        {
          record: 'model:vllm_slo_ttft_total:rate5m',
          expr: 'sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (rate(' + chosen.metric_prefix + 'request_success_total[5m]))\nand on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name)\nmodel:vllm_late_starts:ratio_rate5m',
        },
        {
          record: 'model:vllm_slo_ttft:objective',
          expr: 'group by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (model:vllm_slo_ttft_total:rate5m) * ' + chosen.objective('ttft'),
        },
        {
          record: 'model:vllm_slo_ttft_bad:ratio5m',
          expr: '1 - (model:vllm_slo_ttft_good:rate5m / (model:vllm_slo_ttft_total:rate5m > 0))',
        },
        {
          record: 'model:vllm_slo_ttft_bad:ratio1h',
          expr: '1 - (\n  sum_over_time(model:vllm_slo_ttft_good:rate5m[1h])\n  /\n  (sum_over_time(model:vllm_slo_ttft_total:rate5m[1h]) > 0)\n)',
        },
        {
          record: 'model:vllm_slo_ttft_bad:ratio2h',
          expr: '1 - (\n  sum_over_time(model:vllm_slo_ttft_good:rate5m[2h])\n  /\n  (sum_over_time(model:vllm_slo_ttft_total:rate5m[2h]) > 0)\n)',
        },
        {
          record: 'model:vllm_slo_ttft_bad:ratio6h',
          expr: '1 - (\n  sum_over_time(model:vllm_slo_ttft_good:rate5m[6h])\n  /\n  (sum_over_time(model:vllm_slo_ttft_total:rate5m[6h]) > 0)\n)',
        },
      ],
    },
    {
      name: 'vllm-slo-2',
      interval: '1m',
      rules: [
        {
          record: 'model:vllm_request_time_per_output_token_seconds_bucket:some_rate5m',
          expr: 'sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name, le) (\n  rate(' + chosen.metric_prefix + 'request_time_per_output_token_seconds_bucket{le=~"0\\\\.1|\\\\+Inf"}[5m])\n)',
        },
        {
          record: 'model:vllm_inter_token_latency_seconds_bucket:some_rate5m',
          expr: 'sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name, le) (\n  rate(' + chosen.metric_prefix + 'inter_token_latency_seconds_bucket{le=~"0\\\\.1|\\\\+Inf"}[5m])\n  or\n  rate(' + chosen.metric_prefix + 'time_per_output_token_seconds_bucket{le=~"0\\\\.1|\\\\+Inf"}[5m])\n)',
        },
        {
          record: 'model:vllm_slow_answers:ratio_rate5m',
          expr: '(\n  sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n    model:vllm_request_time_per_output_token_seconds_bucket:some_rate5m{le=~"\\\\+Inf"}\n  )\n  -\n  sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n    model:vllm_request_time_per_output_token_seconds_bucket:some_rate5m{le=~"0\\\\.1"}\n  )\n)\n/\n(\n  sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n    model:vllm_request_time_per_output_token_seconds_bucket:some_rate5m{le=~"\\\\+Inf"}\n  ) > 0\n)\nor\n(\n  sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n    model:vllm_inter_token_latency_seconds_bucket:some_rate5m{le=~"\\\\+Inf"}\n  )\n  -\n  sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n    model:vllm_inter_token_latency_seconds_bucket:some_rate5m{le=~"0\\\\.1"}\n  )\n)\n/\n(\n  sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n    model:vllm_inter_token_latency_seconds_bucket:some_rate5m{le=~"\\\\+Inf"}\n  ) > 0\n)',
        },
        {
          record: 'model:vllm_slo_ttft_bad:ratio_last',
          expr: '(\n  (\n    sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n      rate(' + chosen.metric_prefix + 'time_to_first_token_seconds_bucket{le=~"\\\\+Inf"}[1m])\n    )\n    -\n    sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n      rate(' + chosen.metric_prefix + 'time_to_first_token_seconds_bucket{le=~"1|1\\\\.0"}[1m])\n    )\n  )\n  /\n  (\n    sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n      rate(' + chosen.metric_prefix + 'time_to_first_token_seconds_bucket{le=~"\\\\+Inf"}[1m])\n    ) > 0\n  )\n)\nand on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name)\n(\n  sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (increase(' + chosen.metric_prefix + 'time_to_first_token_seconds_count[1m])) >= 20\n)',
        },
        {
          record: 'model:vllm_slo_itl_good:rate5m',
          expr: 'sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (rate(' + chosen.metric_prefix + 'request_success_total[5m]))\n* on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name)\n(1 - model:vllm_slow_answers:ratio_rate5m)',
        },
        {
          record: 'model:vllm_slo_itl_total:rate5m',
          expr: 'sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (rate(' + chosen.metric_prefix + 'request_success_total[5m]))\nand on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name)\nmodel:vllm_slow_answers:ratio_rate5m',
        },
        {
          record: 'model:vllm_slo_itl:objective',
          expr: 'group by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (model:vllm_slo_itl_total:rate5m) * ' + chosen.objective('itl'),
        },
        {
          record: 'model:vllm_slo_itl_bad:ratio5m',
          expr: '1 - (model:vllm_slo_itl_good:rate5m / (model:vllm_slo_itl_total:rate5m > 0))',
        },
        {
          record: 'model:vllm_slo_itl_bad:ratio1h',
          expr: '1 - (\n  sum_over_time(model:vllm_slo_itl_good:rate5m[1h])\n  /\n  (sum_over_time(model:vllm_slo_itl_total:rate5m[1h]) > 0)\n)',
        },
        {
          record: 'model:vllm_slo_itl_bad:ratio2h',
          expr: '1 - (\n  sum_over_time(model:vllm_slo_itl_good:rate5m[2h])\n  /\n  (sum_over_time(model:vllm_slo_itl_total:rate5m[2h]) > 0)\n)',
        },
        {
          record: 'model:vllm_slo_itl_bad:ratio6h',
          expr: '1 - (\n  sum_over_time(model:vllm_slo_itl_good:rate5m[6h])\n  /\n  (sum_over_time(model:vllm_slo_itl_total:rate5m[6h]) > 0)\n)',
        },
        {
          record: 'model:vllm_slo_itl_bad:ratio_last',
          expr: '(\n  (\n    sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n      rate(' + chosen.metric_prefix + 'request_time_per_output_token_seconds_bucket{le=~"\\\\+Inf"}[1m])\n    )\n    -\n    sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n      rate(' + chosen.metric_prefix + 'request_time_per_output_token_seconds_bucket{le=~"0\\\\.1"}[1m])\n    )\n  )\n  /\n  (\n    sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n      rate(' + chosen.metric_prefix + 'request_time_per_output_token_seconds_bucket{le=~"\\\\+Inf"}[1m])\n    ) > 0\n  )\n  or\n  (\n    sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n      rate(' + chosen.metric_prefix + 'inter_token_latency_seconds_bucket{le=~"\\\\+Inf"}[1m])\n      or\n      rate(' + chosen.metric_prefix + 'time_per_output_token_seconds_bucket{le=~"\\\\+Inf"}[1m])\n    )\n    -\n    sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n      rate(' + chosen.metric_prefix + 'inter_token_latency_seconds_bucket{le=~"0\\\\.1"}[1m])\n      or\n      rate(' + chosen.metric_prefix + 'time_per_output_token_seconds_bucket{le=~"0\\\\.1"}[1m])\n    )\n  )\n  /\n  (\n    sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n      rate(' + chosen.metric_prefix + 'inter_token_latency_seconds_bucket{le=~"\\\\+Inf"}[1m])\n      or\n      rate(' + chosen.metric_prefix + 'time_per_output_token_seconds_bucket{le=~"\\\\+Inf"}[1m])\n    ) > 0\n  )\n)\nand on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name)\n(\n  sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n    increase(' + chosen.metric_prefix + 'request_time_per_output_token_seconds_count[1m])\n  ) >= 20\n)',
        },
        {
          record: 'model:vllm_slo_errors_good:rate5m',
          expr: 'sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n  rate(' + chosen.metric_prefix + 'request_success_total{finished_reason!="error"}[5m])\n  and ignoring (finished_reason)\n  rate(' + chosen.metric_prefix + 'request_success_total{finished_reason="error"}[5m])\n)\nor\n0 * sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n  rate(' + chosen.metric_prefix + 'request_success_total[5m])\n  and ignoring (finished_reason)\n  rate(' + chosen.metric_prefix + 'request_success_total{finished_reason="error"}[5m])\n)',
        },
        {
          record: 'model:vllm_slo_errors_total:rate5m',
          expr: 'sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n  rate(' + chosen.metric_prefix + 'request_success_total[5m])\n  and ignoring (finished_reason)\n  rate(' + chosen.metric_prefix + 'request_success_total{finished_reason="error"}[5m])\n)',
        },
        {
          record: 'model:vllm_slo_errors:objective',
          expr: 'group by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (model:vllm_slo_errors_total:rate5m) * ' + chosen.objective('errors'),
        },
        {
          record: 'model:vllm_slo_errors_bad:ratio5m',
          expr: '1 - (model:vllm_slo_errors_good:rate5m / (model:vllm_slo_errors_total:rate5m > 0))',
        },
        {
          record: 'model:vllm_slo_errors_bad:ratio1h',
          expr: '1 - (\n  sum_over_time(model:vllm_slo_errors_good:rate5m[1h])\n  /\n  (sum_over_time(model:vllm_slo_errors_total:rate5m[1h]) > 0)\n)',
        },
        {
          record: 'model:vllm_slo_errors_bad:ratio2h',
          expr: '1 - (\n  sum_over_time(model:vllm_slo_errors_good:rate5m[2h])\n  /\n  (sum_over_time(model:vllm_slo_errors_total:rate5m[2h]) > 0)\n)',
        },
        {
          record: 'model:vllm_slo_errors_bad:ratio6h',
          expr: '1 - (\n  sum_over_time(model:vllm_slo_errors_good:rate5m[6h])\n  /\n  (sum_over_time(model:vllm_slo_errors_total:rate5m[6h]) > 0)\n)',
        },
        {
          record: 'model:vllm_slo_errors_bad:ratio_last',
          expr: '(\n  1 - (\n    (\n      sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n        increase(' + chosen.metric_prefix + 'request_success_total{finished_reason!="error"}[1m])\n        and ignoring (finished_reason)\n        increase(' + chosen.metric_prefix + 'request_success_total{finished_reason="error"}[1m])\n      )\n      or\n      0 * sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n        increase(' + chosen.metric_prefix + 'request_success_total[1m])\n        and ignoring (finished_reason)\n        increase(' + chosen.metric_prefix + 'request_success_total{finished_reason="error"}[1m])\n      )\n    )\n    /\n    (\n      sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n        increase(' + chosen.metric_prefix + 'request_success_total[1m])\n        and ignoring (finished_reason)\n        increase(' + chosen.metric_prefix + 'request_success_total{finished_reason="error"}[1m])\n      ) > 0\n    )\n  )\n)\nand on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name)\n(\n  sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n    increase(' + chosen.metric_prefix + 'request_success_total[1m])\n    and ignoring (finished_reason)\n    increase(' + chosen.metric_prefix + 'request_success_total{finished_reason="error"}[1m])\n  ) >= 20\n)',
        },
      ],
    },
    {
      name: 'vllm-slo-slow',
      interval: '2m',
      rules: [
        {
          record: 'model:vllm_slo_ttft_good:rate1h',
          expr: 'avg_over_time(model:vllm_slo_ttft_good:rate5m[1h:5m])',
        },
        {
          record: 'model:vllm_slo_ttft_total:rate1h',
          expr: 'avg_over_time(model:vllm_slo_ttft_total:rate5m[1h:5m])',
        },
        {
          record: 'model:vllm_slo_ttft_bad:ratio1d',
          expr: '1 - (\n  sum_over_time(model:vllm_slo_ttft_good:rate5m[1d:5m])\n  /\n  (sum_over_time(model:vllm_slo_ttft_total:rate5m[1d:5m]) > 0)\n)',
        },
        {
          record: 'model:vllm_slo_ttft_bad:ratio3d',
          expr: '1 - (\n  sum_over_time(model:vllm_slo_ttft_good:rate5m[3d:5m])\n  /\n  (sum_over_time(model:vllm_slo_ttft_total:rate5m[3d:5m]) > 0)\n)',
        },
        {
          record: 'model:vllm_slo_ttft_bad:ratio30d',
          expr: '1 - (\n  sum_over_time(model:vllm_slo_ttft_good:rate1h[30d:1h])\n  /\n  (sum_over_time(model:vllm_slo_ttft_total:rate1h[30d:1h]) > 0)\n)',
        },
        {
          record: 'model:vllm_slo_ttft_budget_left:ratio30d',
          expr: '1 - model:vllm_slo_ttft_bad:ratio30d / (1 - model:vllm_slo_ttft:objective)',
        },
        {
          record: 'model:vllm_slo_itl_good:rate1h',
          expr: 'avg_over_time(model:vllm_slo_itl_good:rate5m[1h:5m])',
        },
        {
          record: 'model:vllm_slo_itl_total:rate1h',
          expr: 'avg_over_time(model:vllm_slo_itl_total:rate5m[1h:5m])',
        },
        {
          record: 'model:vllm_slo_itl_bad:ratio1d',
          expr: '1 - (\n  sum_over_time(model:vllm_slo_itl_good:rate5m[1d:5m])\n  /\n  (sum_over_time(model:vllm_slo_itl_total:rate5m[1d:5m]) > 0)\n)',
        },
        {
          record: 'model:vllm_slo_itl_bad:ratio3d',
          expr: '1 - (\n  sum_over_time(model:vllm_slo_itl_good:rate5m[3d:5m])\n  /\n  (sum_over_time(model:vllm_slo_itl_total:rate5m[3d:5m]) > 0)\n)',
        },
        {
          record: 'model:vllm_slo_itl_bad:ratio30d',
          expr: '1 - (\n  sum_over_time(model:vllm_slo_itl_good:rate1h[30d:1h])\n  /\n  (sum_over_time(model:vllm_slo_itl_total:rate1h[30d:1h]) > 0)\n)',
        },
        {
          record: 'model:vllm_slo_itl_budget_left:ratio30d',
          expr: '1 - model:vllm_slo_itl_bad:ratio30d / (1 - model:vllm_slo_itl:objective)',
        },
        {
          record: 'model:vllm_slo_errors_good:rate1h',
          expr: 'avg_over_time(model:vllm_slo_errors_good:rate5m[1h:5m])',
        },
        {
          record: 'model:vllm_slo_errors_total:rate1h',
          expr: 'avg_over_time(model:vllm_slo_errors_total:rate5m[1h:5m])',
        },
        {
          record: 'model:vllm_slo_errors_bad:ratio1d',
          expr: '1 - (\n  sum_over_time(model:vllm_slo_errors_good:rate5m[1d:5m])\n  /\n  (sum_over_time(model:vllm_slo_errors_total:rate5m[1d:5m]) > 0)\n)',
        },
        {
          record: 'model:vllm_slo_errors_bad:ratio3d',
          expr: '1 - (\n  sum_over_time(model:vllm_slo_errors_good:rate5m[3d:5m])\n  /\n  (sum_over_time(model:vllm_slo_errors_total:rate5m[3d:5m]) > 0)\n)',
        },
        {
          record: 'model:vllm_slo_errors_bad:ratio30d',
          expr: '1 - (\n  sum_over_time(model:vllm_slo_errors_good:rate1h[30d:1h])\n  /\n  (sum_over_time(model:vllm_slo_errors_total:rate1h[30d:1h]) > 0)\n)',
        },
        {
          record: 'model:vllm_slo_errors_budget_left:ratio30d',
          expr: '1 - model:vllm_slo_errors_bad:ratio30d / (1 - model:vllm_slo_errors:objective)',
        },
      ],
    },
  ],
}
