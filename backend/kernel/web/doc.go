// Package web is what both listeners share: how an operation is registered (with
// its policy, or not at all), how faults become RFC 9457 problems, and the layers
// every request passes: host allow-list, exact origin, security headers, limits
// on size, and who is asking. It knows no room.
package web
