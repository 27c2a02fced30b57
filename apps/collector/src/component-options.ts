import { MapOf } from './option-kinds.ts';
import type { Form } from './option-kinds.ts';

/**
 * The options of the components that the configurations use, by kind and type, as the collector's sources and its schemas
 * (`config.schema.yaml`) have them at 0.162. An option that is not here may exist all the same: look it up, then add it.
 */
export const COMPONENT_OPTIONS: Readonly<Record<string, Readonly<Record<string, Form>>>> = {
  extensions: {
    health_check: { endpoint: 'text', path: 'text' },
    file_storage: {
      directory: 'text',
      create_directory: 'flag',
      directory_permissions: 'text',
      fsync: 'flag',
      recreate: 'flag',
      timeout: 'duration',
      compaction: {
        directory: 'text',
        on_start: 'flag',
        on_rebound: 'flag',
        cleanup_on_start: 'flag',
        check_interval: 'duration',
        max_transaction_size: 'whole',
        rebound_needed_threshold_mib: 'whole',
        rebound_trigger_threshold_mib: 'whole',
      },
    },
    sigv4auth: { region: 'text', service: 'text', assume_role: { arn: 'text', sts_region: 'text' } },
  },
  receivers: {
    otlp: { protocols: { grpc: grpcServer(), http: { endpoint: 'text', max_request_body_size: 'whole' } } },
    kafka: {
      ...kafkaClient(),
      group_id: 'text',
      initial_offset: 'text',
      traces: { topics: ['text'], encoding: 'text' },
      message_marking: { after: 'flag', on_error: 'flag', on_permanent_error: 'flag' },
      error_backoff: backOff(),
    },
  },
  processors: {
    memory_limiter: {
      check_interval: 'duration',
      limit_mib: 'whole',
      spike_limit_mib: 'whole',
      limit_percentage: 'whole',
      spike_limit_percentage: 'whole',
    },
    batch: { timeout: 'duration', send_batch_size: 'whole', send_batch_max_size: 'whole' },
    resource: { attributes: [{ key: 'text', value: 'text', action: 'text', from_attribute: 'text' }] },
    k8s_attributes: {
      passthrough: 'flag',
      wait_for_metadata: 'flag',
      wait_for_metadata_timeout: 'duration',
      filter: { node_from_env_var: 'text', node: 'text', namespace: 'text' },
      extract: { metadata: ['text'], otel_annotations: 'flag' },
      pod_association: [{ sources: [{ from: 'text', name: 'text' }] }],
    },
    tail_sampling: {
      decision_wait: 'duration',
      num_traces: 'whole',
      expected_new_traces_per_sec: 'whole',
      maximum_trace_size_bytes: 'whole',
      block_on_overflow: 'flag',
      drop_pending_traces_on_shutdown: 'flag',
      sample_on_first_match: 'flag',
      decision_cache: { sampled_cache_size: 'whole', non_sampled_cache_size: 'whole' },
      policies: [
        {
          name: 'text',
          type: 'text',
          status_code: { status_codes: ['text'] },
          latency: { threshold_ms: 'whole', upper_threshold_ms: 'whole' },
          probabilistic: { sampling_percentage: 'number', hash_salt: 'text' },
        },
      ],
    },
  },
  connectors: {
    forward: 'empty',
    datadog: 'empty',
    span_metrics: {
      namespace: 'text',
      histogram: {
        unit: 'text',
        disable: 'flag',
        explicit: { buckets: ['duration'] },
        exponential: { max_size: 'whole' },
      },
      dimensions: [{ name: 'text', default: 'text' }],
      exclude_dimensions: ['text'],
      resource_metrics_key_attributes: ['text'],
      aggregation_cardinality_limit: 'whole',
      aggregation_temporality: 'text',
      metrics_flush_interval: 'duration',
      metrics_expiration: 'duration',
      series_expiration: 'duration',
      exemplars: { enabled: 'flag', max_per_data_point: 'whole' },
    },
  },
  exporters: {
    debug: { verbosity: 'text', sampling_initial: 'whole', sampling_thereafter: 'whole' },
    otlp_grpc: otlpGrpc(),
    otlp_http: {
      endpoint: 'text',
      traces_endpoint: 'text',
      metrics_endpoint: 'text',
      logs_endpoint: 'text',
      encoding: 'text',
      compression: 'text',
      headers: new MapOf('text'),
      auth: { authenticator: 'text' },
      tls: tls(),
      ...sending(),
    },
    load_balancing: {
      routing_key: 'text',
      resolver: {
        dns: { hostname: 'text', port: 'text', interval: 'duration', timeout: 'duration' },
        static: { hostnames: ['text'] },
        k8s: { service: 'text', ports: ['whole'], timeout: 'duration', return_hostnames: 'flag' },
      },
      protocol: { otlp: otlpGrpc() },
      ...sending(),
    },
    kafka: {
      ...kafkaClient(),
      partition_traces_by_id: 'flag',
      traces: { topic: 'text', encoding: 'text' },
      producer: {
        required_acks: 'whole',
        compression: 'text',
        max_message_bytes: 'whole',
        allow_auto_topic_creation: 'flag',
      },
      ...sending(),
    },
    awsxray: {
      region: 'text',
      endpoint: 'text',
      local_mode: 'flag',
      max_retries: 'whole',
      num_workers: 'whole',
      request_timeout_seconds: 'whole',
      role_arn: 'text',
      index_all_attributes: 'flag',
      indexed_attributes: ['text'],
      aws_log_groups: ['text'],
    },
    // Spans are not sent again: `retry_on_failure` has no effect on them, and is left out.
    datadog: {
      api: { key: 'text', site: 'text', fail_on_invalid_key: 'flag' },
      hostname: 'text',
      timeout: 'duration',
      sending_queue: sendingQueue(),
    },
  },
};

/** The options of `service`, but for the pipelines. */
export const SERVICE_OPTIONS: Form = {
  extensions: ['text'],
  telemetry: {
    logs: { level: 'text', encoding: 'text' },
    metrics: {
      level: 'text',
      readers: [{ pull: { exporter: { prometheus: { host: 'text', port: 'whole' } } } }],
    },
  },
};

function sending(): { [option: string]: Form } {
  return { timeout: 'duration', retry_on_failure: backOff(), sending_queue: sendingQueue() };
}

function sendingQueue(): Form {
  return {
    enabled: 'flag',
    num_consumers: 'whole',
    queue_size: 'whole',
    sizer: 'text',
    storage: 'text',
    block_on_overflow: 'flag',
    wait_for_result: 'flag',
    batch: { sizer: 'text', flush_timeout: 'duration', min_size: 'whole', max_size: 'whole' },
  };
}

function backOff(): Form {
  return {
    enabled: 'flag',
    initial_interval: 'duration',
    max_interval: 'duration',
    max_elapsed_time: 'duration',
    multiplier: 'number',
    randomization_factor: 'number',
  };
}

function otlpGrpc(): Form {
  return { endpoint: 'text', compression: 'text', headers: new MapOf('text'), tls: tls(), ...sending() };
}

function grpcServer(): Form {
  return {
    endpoint: 'text',
    max_recv_msg_size_mib: 'whole',
    keepalive: {
      server_parameters: {
        max_connection_age: 'duration',
        max_connection_age_grace: 'duration',
        max_connection_idle: 'duration',
      },
    },
  };
}

function kafkaClient(): { [option: string]: Form } {
  return { brokers: ['text'], client_id: 'text', protocol_version: 'text', tls: tls() };
}

function tls(): Form {
  return {
    insecure: 'flag',
    ca_file: 'text',
    cert_file: 'text',
    key_file: 'text',
    server_name_override: 'text',
  };
}
