// Package zonetest is a small Internet of name servers on loopback, for tests.
//
// Start gives a Net: one port on the addresses 127.0.0.1 to 127.0.0.8, each of
// which is a server of its own. Zone puts a zone on some of them and delegates
// it from the zone above, so that a client can descend as in the real world.
// 127.0.0.1 also resolves for whoever asks it to, by really descending through
// the servers; HTTPS gives the same over DNS over HTTPS. Every server can be
// told to fail: silent, refusing, slow, or with a Twist that writes whatever it
// likes. Zones take RFC 2136 updates signed with KeyName and KeySecret.
//
// Records are written as in a zone file, relative to the zone:
//
//	net := zonetest.Start(t)
//	shop := net.Zone("shop.test", "127.0.0.2", "127.0.0.3")
//	shop.Set("portal 300 A 127.0.0.1", "portal CAA 0 issue \"letsencrypt.org\"")
//	shop.On("127.0.0.3").Set("portal A 127.0.0.9") // this copy lags behind
//
// Nothing leaves the machine: names in tests lead to loopback, and Dial fails
// the test when something else is dialled.
package zonetest
