/** What is measured in buckets: once per batch, pass or commit, never per stream. */

export const histograms = {
  batch: {
    name: 'parlor_batch_events',
    help: 'How many events a room was given at once, as they were committed together.',
    buckets: [1, 2, 4, 8, 16, 32, 64, 128, 256, 512],
  },
  fanOut: {
    name: 'parlor_fan_out_seconds',
    help: 'From a batch being committed to its being written to every stream of its room that takes it.',
    buckets: [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5],
  },
  commit: {
    name: 'parlor_store_commit_seconds',
    help: 'How long the store took to commit: a transaction of the file, or a round trip to Redis.',
    buckets: [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
  },
};
