// Package pages renders what a client sees before the portal app can start:
// sign-in, the landing of a link, and every error page. It is pure rendering:
// a view in, bytes out. It knows no room, no database, no clock and no request,
// so it can neither leak whether an address is known nor act on a link.
//
// The pages work without script and carry no inline style, because the
// portal's content security policy allows neither. They load one stylesheet
// (Pages.StylePath, served for ever because its name is its hash) and the
// owner's colours (Brand.CSSURL). Forms post to fixed paths:
//
//	POST /login        email, next
//	POST /login/code   email, code, next
//	POST /k            email when the view asks for it
//	POST /k/renew      nothing: the landing cookie says which link
//
// Words live in messages/<language>.json; a new language is one new file.
package pages
