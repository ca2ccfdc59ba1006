// Emitted by vllm-obs build: choose in _config, or change the settings and build again.
{
  checks: {
    target_down: {
      unit: '',
      op: '>',
      of_models: false,
      shortest_hold: 60,
      bounds: {
        critical: {
          hold: '2m',
        },
      },
    },
    target_down_alone: {
      unit: '',
      op: '>',
      of_models: false,
      shortest_hold: 60,
      bounds: {
        warning: {
          hold: '10m',
        },
      },
    },
    target_never_up: {
      unit: '',
      op: '>',
      of_models: false,
      shortest_hold: 60,
      bounds: {
        warning: {
          hold: '20m',
        },
      },
    },
    scrapes_failing: {
      unit: 'ratio',
      op: '>',
      of_models: false,
      shortest_hold: 60,
      bounds: {
        warning: {
          hold: '10m',
          value: 0.1,
          under: 1.0,
        },
      },
    },
    model_vanished: {
      unit: '',
      op: '>',
      of_models: true,
      shortest_hold: 60,
      bounds: {
        critical: {
          hold: '5m',
        },
      },
    },
    replicas_lost: {
      unit: '',
      op: '>',
      of_models: true,
      shortest_hold: 60,
      bounds: {
        warning: {
          hold: '10m',
        },
      },
    },
    restarting: {
      unit: 'count',
      op: '>',
      of_models: true,
      shortest_hold: 60,
      bounds: {
        warning: {
          hold: '0m',
          value: 1,
        },
      },
    },
    restarting_slowly: {
      unit: 'count',
      op: '>',
      of_models: true,
      shortest_hold: 60,
      bounds: {
        warning: {
          hold: '0m',
          value: 3,
        },
      },
    },
    starting_again: {
      unit: 'count',
      op: '>',
      of_models: false,
      shortest_hold: 60,
      bounds: {
        warning: {
          hold: '0m',
          value: 1,
        },
      },
    },
    starting_again_slowly: {
      unit: 'count',
      op: '>',
      of_models: false,
      shortest_hold: 60,
      bounds: {
        warning: {
          hold: '0m',
          value: 3,
        },
      },
    },
    restarting_elsewhere: {
      unit: 'count',
      op: '>',
      of_models: true,
      shortest_hold: 60,
      bounds: {
        warning: {
          hold: '0m',
          value: 1,
        },
      },
    },
    restarting_elsewhere_slowly: {
      unit: 'count',
      op: '>',
      of_models: true,
      shortest_hold: 60,
      bounds: {
        warning: {
          hold: '0m',
          value: 1,
        },
      },
    },
    engine_stalled: {
      unit: 'requests',
      op: '>',
      of_models: true,
      shortest_hold: 60,
      bounds: {
        critical: {
          hold: '5m',
        },
      },
    },
    metrics_missing: {
      unit: '',
      op: '>',
      of_models: false,
      shortest_hold: 60,
      bounds: {
        warning: {
          hold: '10m',
        },
      },
    },
    families_missing: {
      unit: '',
      op: '>',
      of_models: false,
      shortest_hold: 60,
      bounds: {
        warning: {
          hold: '10m',
        },
      },
    },
    recording_rules_missing: {
      unit: '',
      op: '>',
      of_models: false,
      shortest_hold: 60,
      bounds: {
        warning: {
          hold: '10m',
        },
      },
    },
    scraped_seldom: {
      unit: 's',
      op: '>',
      of_models: false,
      shortest_hold: 60,
      bounds: {
        info: {
          hold: '30m',
        },
      },
    },
    scrape_slow: {
      unit: 'ratio',
      op: '>',
      of_models: false,
      shortest_hold: 60,
      bounds: {
        warning: {
          hold: '10m',
          value: 0.5,
          under: 1.0,
        },
      },
    },
    engine_outlier_ttft: {
      unit: '',
      op: '>',
      of_models: true,
      shortest_hold: 60,
      bounds: {
        warning: {
          hold: '15m',
          value: 2,
        },
      },
    },
    engine_outlier_itl: {
      unit: '',
      op: '>',
      of_models: true,
      shortest_hold: 60,
      bounds: {
        warning: {
          hold: '15m',
          value: 2,
        },
      },
    },
    load_imbalance_kv: {
      unit: 'ratio',
      op: '>',
      of_models: true,
      shortest_hold: 60,
      bounds: {
        info: {
          hold: '15m',
          value: 0.3,
          under: 1.0,
        },
      },
    },
    load_imbalance_running: {
      unit: '',
      op: '>',
      of_models: true,
      shortest_hold: 60,
      bounds: {
        info: {
          hold: '15m',
          value: 2,
        },
      },
    },
    config_drift: {
      unit: 'count',
      op: '>',
      of_models: true,
      shortest_hold: 60,
      bounds: {
        info: {
          hold: '30m',
          value: 1,
        },
      },
    },
    queue_drain: {
      unit: 's',
      op: '>',
      of_models: true,
      shortest_hold: 60,
      bounds: {
        warning: {
          hold: '5m',
          value: 30,
        },
        critical: {
          hold: '5m',
          value: 120,
        },
      },
    },
    admission_rejections: {
      unit: 'requests/s',
      op: '>',
      of_models: true,
      shortest_hold: 60,
      bounds: {
        warning: {
          hold: '5m',
          value: 0,
        },
      },
    },
    corrupted_requests: {
      unit: 'requests',
      op: '>',
      of_models: true,
      shortest_hold: 60,
      bounds: {
        warning: {
          hold: '0m',
          value: 0,
        },
      },
    },
    prefix_cache_drop: {
      unit: 'ratio',
      op: '<',
      of_models: true,
      shortest_hold: 60,
      bounds: {
        info: {
          hold: '30m',
          value: 0.5,
          under: 1.0,
        },
      },
    },
    kv_transfer_failures: {
      unit: '1/s',
      op: '>',
      of_models: true,
      shortest_hold: 60,
      bounds: {
        warning: {
          hold: '5m',
          value: 0,
        },
      },
    },
    kv_cache_usage: {
      unit: 'ratio',
      op: '>',
      of_models: true,
      shortest_hold: 60,
      bounds: {
        warning: {
          hold: '10m',
          value: 0.8,
          under: 1.0,
        },
        critical: {
          hold: '5m',
          value: 0.95,
          under: 1.0,
        },
      },
    },
    kv_cache_filled: {
      unit: 'ratio',
      op: '>',
      of_models: true,
      shortest_hold: 60,
      bounds: {
        info: {
          hold: '10m',
          value: 0.8,
          under: 1.0,
        },
      },
    },
    requests_waiting: {
      unit: 'requests',
      op: '>',
      of_models: true,
      shortest_hold: 60,
      bounds: {
        warning: {
          hold: '5m',
          value: 10,
        },
        critical: {
          hold: '5m',
          value: 50,
        },
      },
    },
    ttft: {
      unit: 's',
      op: '>',
      of_models: true,
      shortest_hold: 120,
      bounds: {
        warning: {
          hold: '10m',
          value: 1.0,
          under: 2560.0,
        },
        critical: {
          hold: '10m',
          value: 2.5,
          under: 2560.0,
        },
      },
    },
    itl: {
      unit: 's',
      op: '>',
      of_models: true,
      shortest_hold: 120,
      bounds: {
        warning: {
          hold: '10m',
          value: 0.1,
          under: 80.0,
        },
        critical: {
          hold: '10m',
          value: 0.25,
          under: 80.0,
        },
      },
    },
    queue_time: {
      unit: 's',
      op: '>',
      of_models: true,
      shortest_hold: 60,
      bounds: {
        warning: {
          hold: '10m',
          value: 1.0,
        },
        critical: {
          hold: '10m',
          value: 10.0,
        },
      },
    },
    throughput_dropped: {
      unit: 'ratio',
      op: '<',
      of_models: true,
      shortest_hold: 60,
      bounds: {
        warning: {
          hold: '10m',
          value: 0.55,
          under: 1.0,
        },
      },
    },
    preemptions: {
      unit: '',
      op: '>',
      of_models: true,
      shortest_hold: 60,
      bounds: {
        warning: {
          hold: '10m',
          value: 0.05,
        },
        critical: {
          hold: '10m',
          value: 0.2,
        },
      },
    },
    request_errors: {
      unit: 'ratio',
      op: '>',
      of_models: true,
      shortest_hold: 60,
      bounds: {
        warning: {
          hold: '5m',
          value: 0.01,
          under: 1.0,
        },
        critical: {
          hold: '5m',
          value: 0.05,
          under: 1.0,
        },
      },
    },
    few_requests_errors: {
      unit: 'ratio',
      op: '>',
      of_models: true,
      shortest_hold: 60,
      bounds: {
        warning: {
          hold: '5m',
          value: 0.05,
          under: 1.0,
        },
        critical: {
          hold: '5m',
          value: 0.5,
          under: 1.0,
        },
      },
    },
    http_server_errors: {
      unit: 'ratio',
      op: '>',
      of_models: true,
      shortest_hold: 60,
      bounds: {
        warning: {
          hold: '5m',
          value: 0.01,
          under: 1.0,
        },
        critical: {
          hold: '5m',
          value: 0.05,
          under: 1.0,
        },
      },
    },
    http_server_errors_model: {
      unit: 'ratio',
      op: '>',
      of_models: true,
      shortest_hold: 60,
      bounds: {
        warning: {
          hold: '5m',
          value: 0.01,
          under: 1.0,
        },
        critical: {
          hold: '5m',
          value: 0.05,
          under: 1.0,
        },
      },
    },
    http_server_errors_server: {
      unit: 'ratio',
      op: '>',
      of_models: false,
      shortest_hold: 60,
      bounds: {
        warning: {
          hold: '5m',
          value: 0.05,
          under: 1.0,
        },
        critical: {
          hold: '5m',
          value: 0.5,
          under: 1.0,
        },
      },
    },
    few_requests_http_errors: {
      unit: 'ratio',
      op: '>',
      of_models: false,
      shortest_hold: 60,
      bounds: {
        warning: {
          hold: '5m',
          value: 0.05,
          under: 1.0,
        },
        critical: {
          hold: '5m',
          value: 0.5,
          under: 1.0,
        },
      },
    },
    aborts: {
      unit: 'ratio',
      op: '>',
      of_models: true,
      shortest_hold: 60,
      bounds: {
        info: {
          hold: '15m',
          value: 0.2,
          under: 1.0,
        },
      },
    },
    uncounted_aborts: {
      unit: 'ratio',
      op: '>',
      of_models: true,
      shortest_hold: 60,
      bounds: {
        info: {
          hold: '15m',
          value: 0.2,
          under: 1.0,
        },
      },
    },
    traffic_gone: {
      unit: '',
      op: '>',
      of_models: true,
      shortest_hold: 60,
      bounds: {
        warning: {
          hold: '15m',
        },
      },
    },
    answers_collapsed: {
      unit: 'ratio',
      op: '<',
      of_models: true,
      shortest_hold: 60,
      bounds: {
        info: {
          hold: '10m',
          value: 0.2,
          under: 1.0,
        },
      },
    },
    output_truncation: {
      unit: 'ratio',
      op: '>',
      of_models: true,
      shortest_hold: 60,
      bounds: {
        info: {
          hold: '30m',
          value: 0.3,
          under: 1.0,
        },
      },
    },
    spec_decode_acceptance: {
      unit: 'ratio',
      op: '<',
      of_models: true,
      shortest_hold: 60,
      bounds: {
        info: {
          hold: '30m',
          value: 0.3,
          under: 1.0,
        },
      },
    },
  },
  objectives: {
    ttft: 0.99,
    itl: 0.99,
    errors: 0.999,
  },
  alerts: [
    'VllmAbortsHigh',
    'VllmAdmissionRejections',
    'VllmAnswersCollapsed',
    'VllmConfigDrift',
    'VllmCorruptedRequests',
    'VllmE2eBudgetBurn',
    'VllmEngineOutlier',
    'VllmEngineStalled',
    'VllmErrorBudgetBurn',
    'VllmHttpServerErrorsHigh',
    'VllmInterTokenLatencyHigh',
    'VllmItlBudgetBurn',
    'VllmKvCacheUsageHigh',
    'VllmKvTransferFailures',
    'VllmLoadImbalance',
    'VllmMetricsMissing',
    'VllmModelVanished',
    'VllmOutputTruncationHigh',
    'VllmPreemptionsHigh',
    'VllmPrefixCacheHitRatioDropped',
    'VllmQueueDrainSlow',
    'VllmQueueTimeHigh',
    'VllmRecordingRulesMissing',
    'VllmReplicasLost',
    'VllmRequestErrorsHigh',
    'VllmRequestsWaiting',
    'VllmRestarting',
    'VllmScrapeSlow',
    'VllmScrapedTooSeldom',
    'VllmScrapesFailing',
    'VllmSpecDecodeAcceptanceLow',
    'VllmTargetDown',
    'VllmThroughputDropped',
    'VllmTimeToFirstTokenHigh',
    'VllmTrafficStopped',
    'VllmTtftBudgetBurn',
  ],
  labels: [
    'cluster_label',
    'namespace_label',
  ],
  taken: [
    '__name__',
    'alertname',
    'alertstate',
    'engine',
    'finished_reason',
    'generation',
    'handler',
    'instance',
    'job',
    'le',
    'method',
    'model_name',
    'of',
    'pid',
    'position',
    'quantile',
    'reason',
    'severity',
    'sleep_state',
    'source',
    'status',
    'window',
  ],
  boards: 'raw',
  uids: {
    raw: 'vllm-obs-',
    fleet: 'vllm-obs-fleet-',
  },
}
