// Package wire maps what lies on the bus (protobuf) to the JSON that clients see:
// the bodies of GET /api/messages and /api/tasks, and the data of WebSocket
// frames. Both sides of the product use it, so that a message reads the same
// whichever way it came.
//
// Absent values of protobuf ("" or 0 where the .proto file says "none") become
// null; lists are never null; times are in UTC.
package wire
