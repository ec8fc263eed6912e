package access

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"portico/backend/kernel/auth"
	"portico/backend/kernel/db"
	"portico/backend/kernel/fault"
	"portico/backend/kernel/ident"
	"portico/backend/pages"
)

// APIToken lets a program use the staff API; its value is shown once.
type APIToken struct {
	ID       string
	Name     string
	Created  time.Time
	LastUsed time.Time
}

// tokenPrefix makes a leaked token recognisable to those who search for them.
const tokenPrefix = "portico_"

var (
	errNoToken   = fault.New(fault.NotFound, "access.no_token", "There is no such token any more.")
	errNoBrowser = fault.New(fault.Conflict, "access.no_browser", "Only a browser is signed in and can sign out. Close the window, or revoke the token in Settings.")
)

// StaffLink makes a one-time address of the dashboard on the staff listener.
func (s *Service) StaffLink(ctx context.Context, actor auth.Actor) (url string, expires time.Time, err error) {
	if err := actor.MustBeStaff(); err != nil {
		return "", time.Time{}, err
	}
	if s.Address.Staff() == "" {
		return "", time.Time{}, fault.New(fault.Conflict, "access.no_staff_listener", "The dashboard is open in Portico's window. To use it in a browser, start `portico serve`.")
	}
	token := newSecret()
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		expires = tx.Now.Add(staffLinkLife)
		if err := insertStaffLink(ctx, tx, hashSecret(token), expires); err != nil {
			return err
		}
		return s.audited(tx, actor, "access.make_staff_link", "", nil)
	})
	return s.Address.Staff() + "/enter/" + token, expires, err
}

// EnterStaff uses a one-time address and begins a browser's session on the dashboard.
func (s *Service) EnterStaff(ctx context.Context, b Browser, token string) (cookie string, err error) {
	cookie = newSecret()
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		n, err := takeStaffLink(ctx, tx, hashSecret(token))
		if err != nil {
			return fmt.Errorf("using a staff link: %w", err)
		}
		if n != 1 {
			return ErrLinkOver
		}
		id := ident.New("ss")
		if err := insertStaffSession(ctx, tx, id, hashSecret(cookie), b.name(), tx.Now.Add(staffSessionLife)); err != nil {
			return err
		}
		actor := auth.Actor{Kind: auth.KindStaff, SessionID: id, Via: "browser", Address: b.Address, Browser: b.Agent}
		return s.audited(tx, actor, "access.enter_staff", "", map[string]any{"browser": pages.DescribeBrowser(b.Agent)})
	})
	return cookie, err
}

// StaffByCookie answers the actor of a dashboard session, or an anonymous one.
func (s *Service) StaffByCookie(ctx context.Context, cookie string) (auth.Actor, error) {
	if cookie == "" {
		return auth.Actor{Kind: auth.KindAnonymous}, nil
	}
	in, err := staffSession(ctx, s.DB.Read(), hashSecret(cookie))
	if errors.Is(err, db.ErrNoRows) || err == nil && !in.expires.After(s.DB.Clock().Now()) {
		return auth.Actor{Kind: auth.KindAnonymous}, nil
	}
	return auth.Actor{Kind: auth.KindStaff, SessionID: in.id, Via: "browser"}, err
}

// SignOutStaff ends the browser session that asks. The window and tokens have
// none: errNoBrowser.
func (s *Service) SignOutStaff(ctx context.Context, actor auth.Actor) error {
	if err := actor.MustBeStaff(); err != nil {
		return err
	}
	if actor.SessionID == "" {
		return errNoBrowser
	}
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		if err := removeStaffSession(ctx, tx, actor.SessionID); err != nil {
			return fmt.Errorf("ending a browser's session on the dashboard: %w", err)
		}
		tx.AfterCommit(func() { s.Live.DropSession(actor.SessionID) })
		return s.audited(tx, actor, "access.sign_out_staff", "", nil)
	})
}

// StaffByToken answers the actor of a bearer token, or an anonymous one. When it
// was last used is noted at most once a minute.
func (s *Service) StaffByToken(ctx context.Context, token string) (auth.Actor, error) {
	t, err := tokenByHash(ctx, s.DB.Read(), hashSecret(token))
	if errors.Is(err, db.ErrNoRows) {
		return auth.Actor{Kind: auth.KindAnonymous}, nil
	}
	if err != nil {
		return auth.Actor{}, err
	}
	if s.DB.Clock().Now().Sub(t.LastUsed) >= seenEvery {
		// A disk that takes no writes must not keep anybody from reading.
		if err := s.DB.Write(ctx, func(tx *db.Tx) error { return usedToken(ctx, tx, t.ID) }); err != nil && ctx.Err() == nil {
			s.Log.Warn("the last use of a token was not written", "error", err)
		}
	}
	return auth.Actor{Kind: auth.KindStaff, Name: t.Name, Via: "token"}, nil
}

// CreateToken makes a bearer token for the staff API and answers its value, once.
func (s *Service) CreateToken(ctx context.Context, actor auth.Actor, name string) (APIToken, string, error) {
	if err := actor.MustBeStaff(); err != nil {
		return APIToken{}, "", err
	}
	name = strings.Join(strings.Fields(name), " ")
	if name == "" || len(name) > 80 {
		return APIToken{}, "", fault.InvalidField("name", "access.token_name", "Give the token a name of at most 80 characters that says what uses it.")
	}
	value := tokenPrefix + newSecret()
	t := APIToken{ID: ident.New("tk"), Name: name}
	err := s.DB.Write(ctx, func(tx *db.Tx) error {
		t.Created = tx.Now
		if err := insertToken(ctx, tx, t, hashSecret(value)); err != nil {
			return err
		}
		return s.audited(tx, actor, "access.create_token", t.ID, map[string]any{"name": name})
	})
	return t, value, err
}

// Tokens answers the tokens that work. Staff only.
func (s *Service) Tokens(ctx context.Context, actor auth.Actor) ([]APIToken, error) {
	if err := actor.MustBeStaff(); err != nil {
		return nil, err
	}
	return listTokens(ctx, s.DB.Read())
}

// RevokeToken ends a token at once. Staff only.
func (s *Service) RevokeToken(ctx context.Context, actor auth.Actor, id string) error {
	if err := actor.MustBeStaff(); err != nil {
		return err
	}
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		n, err := revokeToken(ctx, tx, id)
		if err != nil {
			return err
		}
		if n == 0 {
			return errNoToken
		}
		return s.audited(tx, actor, "access.revoke_token", id, nil)
	})
}
