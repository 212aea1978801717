// The words of rollouts, as people read them.

// phases are what they are called, their icon, and how they are meant.
export const phases = {
  progressing: { word: 'Progressing', icon: 'play', tone: 'info' },
  held: { word: 'Held', icon: 'hand', tone: 'warn' },
  paused: { word: 'Paused', icon: 'pause', tone: 'warn' },
  rolling_back: { word: 'Rolling back', icon: 'back', tone: 'bad' },
  succeeded: { word: 'Succeeded', icon: 'check', tone: 'good' },
  rolled_back: { word: 'Rolled back', icon: 'back', tone: 'mute' },
  retained: { word: 'Retained A', icon: 'flag', tone: 'mute' },
  stuck: { word: 'Stuck', icon: 'alert', tone: 'bad' },
};

// phaseOf is what a phase is called; one that a later server has is its own word.
export const phaseOf = (name) => phases[name] ?? { word: name, icon: 'dot', tone: 'mute' };

// strategies are what they are called.
export const strategies = { Direct: 'Direct', Canary: 'Canary', BlueGreen: 'Blue-green', Rolling: 'Rolling', ABTesting: 'A/B test' };

// results are those of verdicts and findings.
export const results = {
  pass: { word: 'pass', icon: 'check', tone: 'good' },
  fail: { word: 'fail', icon: 'cross', tone: 'bad' },
  inconclusive: { word: 'inconclusive', icon: 'question', tone: 'warn' },
  none: { word: 'not compared', icon: 'dot', tone: 'mute' },
  unmeasured: { word: 'no data yet', icon: 'dot', tone: 'mute' },
};

const share = { unit: 'share' };
const ms = { unit: 'ms' };

// metrics are what they are called, what they are counted in, and which way is good.
export const metrics = {
  errorRate: { name: 'Error rate', ...share, sense: 'at most' },
  successRate: { name: 'Success rate', ...share, sense: 'at least' },
  errorRatio: { name: 'Errors against the baseline', unit: 'times', sense: 'at most' },
  latency: { name: 'Mean latency', ...ms, sense: 'at most' },
  latencyP99Ms: { name: 'p99 latency', ...ms, sense: 'at most' },
  executionTimeMs: { name: 'Execution time', ...ms, sense: 'at most' },
  cpu: { name: 'CPU', ...share, sense: 'at most' },
  memory: { name: 'Memory', ...share, sense: 'at most' },
  tenantErrorRate: { name: 'Error rate of the worst tenant', ...share, sense: 'at most' },
  throughput: { name: 'Throughput', unit: 'rate' },
  conversionRate: { name: 'Conversion rate', ...share },
  userSatisfaction: { name: 'User satisfaction', unit: 'score' },
};

// metricOf is what a metric is called.
export const metricOf = (name) => metrics[name] ?? { name: name.charAt(0).toUpperCase() + name.slice(1), unit: 'score' };

// signalKinds are the events that people cause.
export const signalKinds = new Set(['paused', 'resumed', 'promoted', 'aborted']);

const bad = { icon: 'alert', tone: 'bad' };
const warn = { icon: 'alert', tone: 'warn' };

// events are how their kinds are drawn.
export const events = {
  measured: { icon: 'eye', tone: 'mute' }, began: { icon: 'play', tone: 'mute' }, made: { icon: 'swap', tone: 'mute' }, extended: { icon: 'eye', tone: 'warn' },
  finished: { icon: 'flag', tone: 'info' }, judged: { icon: 'scale', tone: 'info' }, settled: { icon: 'check', tone: 'good' },
  failed: bad, ran_out: warn, blinded: warn, left: warn, reverting: { icon: 'back', tone: 'bad' }, reverted: { icon: 'back', tone: 'mute' },
  paused: { icon: 'pause', tone: 'warn' }, resumed: { icon: 'play', tone: 'info' }, promoted: { icon: 'forward', tone: 'info' }, aborted: { icon: 'back', tone: 'bad' },
};
