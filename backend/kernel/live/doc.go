// Package live pushes frames to whoever is looking: browsers over WebSocket, the
// window in-process. A frame says what may be stale ({"topic":"chat","ids":[…]});
// what is true is asked over HTTP, so a lost frame loses nothing but time.
//
// One goroutine, Hub.Run, owns all the maps. Each socket has a bounded queue that
// it never waits for: a listener too slow for it is closed (1013) and looks again
// when it is back, and is never skipped in silence. Each frame is encoded once.
// Browsers that get no socket through a proxy poll a mailbox instead.
//
// Close codes: 1001 Portico stops or restarts, 1003 bytes, 1007 no UTF-8, 1008 the
// client sent too much or what nobody understands, 1009 a frame above 64 KiB, 1013
// too slow, or try again, 4401 the session is over. A client comes back after all
// of them but 4401.
package live
