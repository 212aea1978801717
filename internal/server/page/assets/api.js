// The API, which is asked with the cookie of the session.

// Problem is an answer that is no success.
export class Problem extends Error {
  constructor(status, body) {
    super(body?.detail || body?.title || `the server answered ${status}`);
    this.status = status;
    this.reason = body?.reason ?? '';
    this.is = body?.is;
    this.body = body ?? {};
  }
}

let onNobody = () => {};

// whenNobody says what to do once the server does not know any more who asks.
export function whenNobody(f) { onNobody = f; }

// How far the server's clock is before this one's, in ms: what it says is told by its own.
let ahead = 0;

// now is the time of the server, in ms.
export const now = () => Date.now() + ahead;

// get reads.
export const get = (path, signal) => ask('GET', path, undefined, signal);

// post says something.
export const post = (path, body) => ask('POST', path, body);

async function ask(method, path, body, signal) {
  let answer;
  try {
    answer = await fetch(path, {
      method, signal, credentials: 'same-origin', cache: 'no-store', redirect: 'manual',
      headers: body === undefined ? { Accept: 'application/json' } : { Accept: 'application/json', 'Content-Type': 'application/json' },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  } catch (err) {
    if (err.name === 'AbortError') throw err;
    throw new Problem(0, { detail: 'The server does not answer. It is asked again.' });
  }
  if (answer.type === 'opaqueredirect' || answer.status === 204) return {};
  const text = await answer.text();
  let told;
  try {
    told = JSON.parse(text);
  } catch {
    told = undefined;
  }
  if (!answer.ok || told === undefined) {
    const problem = new Problem(answer.status, told);
    if (answer.status === 401 && path.startsWith('/v1/')) onNobody(problem);
    throw problem;
  }
  if (told.at) ahead = Date.parse(told.at) - Date.now();
  return told;
}
