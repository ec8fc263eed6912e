// Package branding is how the business looks to its clients: name, description,
// two colours, logo, icon and cover picture, support address and copyright.
//
// Owns the table brand (one row). Pictures lie in kernel/blob, re-encoded; the
// row names them. Emits branding.changed.
//
// What always holds:
//   - version grows with every change and stands in every address that browsers
//     may keep (/brand.css?v=7): what was fetched under it never changes.
//   - Colours are kept as parsed numbers; /brand.css and the manifest are written
//     from numbers and escaped text only, never from what somebody typed.
//   - The owner's colours are kept as given. What is shown is nudged until it
//     reads (4.5:1, WCAG 2.2) on every ground of the portal, light and dark, and
//     the owner is told.
//   - A picture shown anywhere was drawn by us; SVG is refused.
//
// Read color.go and palette.go for the colours, service.go for the verbs.
package branding
