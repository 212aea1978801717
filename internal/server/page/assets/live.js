// What is live: a view is told by the server whenever to read again. Where nothing comes of that,
// it asks by itself. A page that nobody sees listens to nothing: browsers have few connections.

const pollEvery = 5000; // while the stream is broken
const beatEvery = 30000; // although it is not: what says nothing may be broken too
const comeAgain = 3000;

let told = () => {};

// whenState is told how it stands: live, reconnecting, or off.
export function whenState(f) { told = f; }

// listen calls read whenever something is said on a stream, and every so often. It gives what
// ends it.
export function listen(path, read, often = beatEvery) {
  let source = null;
  let timer = 0;
  let again = 0;
  let ended = false;
  let open = false;
  let reading = false;
  let wanted = false;

  const act = async () => {
    if (reading) {
      wanted = true;
      return;
    }
    reading = true;
    clearTimeout(timer);
    try {
      await read();
    } finally {
      reading = false;
    }
    if (ended || document.hidden) return;
    timer = setTimeout(act, wanted ? 300 : open ? often : Math.min(pollEvery, often));
    wanted = false;
  };
  const drop = () => {
    clearTimeout(again);
    source?.close();
    source = null;
    open = false;
  };
  const connect = () => {
    drop();
    if (ended || document.hidden) return;
    source = new EventSource(path);
    source.onopen = () => {
      open = true;
      told('live');
    };
    source.addEventListener('refetch', act);
    source.onerror = () => {
      if (open) act(); // what was said meanwhile is not said again
      open = false;
      told('reconnecting');
      if (source?.readyState === EventSource.CLOSED) again = setTimeout(connect, comeAgain);
    };
  };
  const seen = () => {
    clearTimeout(timer);
    if (document.hidden) drop();
    else {
      connect();
      act();
    }
  };
  document.addEventListener('visibilitychange', seen);
  told('reconnecting');
  connect();
  timer = setTimeout(act, pollEvery);
  return () => {
    ended = true;
    drop();
    clearTimeout(timer);
    document.removeEventListener('visibilitychange', seen);
    told('off');
  };
}
