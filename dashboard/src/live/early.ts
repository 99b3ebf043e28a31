/** The connection that public/start.js opened before this script was there, with what has come by it. */
interface Early {
  socket: WebSocket;
  frames: MessageEvent<string>[];
}

declare global {
  interface Window {
    earlySocket?: Early | undefined;
  }
}

/** It is taken once; undefined where there is none, or it is lost already. */
export function takeEarlySocket(url: string): Early | undefined {
  const early = window.earlySocket;
  window.earlySocket = undefined;
  return early && early.socket.url === url && early.socket.readyState <= WebSocket.OPEN ? early : undefined;
}
