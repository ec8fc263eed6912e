package outbox

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"portico/backend/kernel/auth"
	"portico/backend/kernel/db"
	"portico/backend/kernel/fault"
	"portico/backend/kernel/ident"
	"portico/backend/kernel/mail"
	"portico/backend/kernel/secret"
)

// AccountView is the account as staff see it; the password is not shown.
type AccountView struct {
	Account
	Configured  bool
	HasPassword bool
	Status      Status
	FilesDir    string
}

// Account answers how mail leaves and what is the matter with it.
func (s *Service) Account(ctx context.Context, actor auth.Actor) (AccountView, error) {
	if err := actor.MustBeStaff(); err != nil {
		return AccountView{}, err
	}
	k, err := accountRow(ctx, s.deps.DB.Read())
	if err != nil {
		return AccountView{}, fmt.Errorf("mail account: %w", err)
	}
	return s.viewOf(k), nil
}

func (s *Service) viewOf(k kept) AccountView {
	return AccountView{Account: k.Account, Configured: k.Status.State != AccountUnset, HasPassword: k.PasswordRef != "", Status: k.Status, FilesDir: s.deps.FilesDir}
}

// Ready reports whether an account is set up, whatever its state: mail that is
// queued will leave by itself.
func (s *Service) Ready(ctx context.Context) (bool, error) {
	k, err := accountRow(ctx, s.deps.DB.Read())
	return k.Status.State != AccountUnset, err
}

// SaveAccount sets the account up; an empty password keeps the one there is,
// unless server or user name changed (Invalid, mail.password_again). Saving ends
// a pause, and waiting mail goes out.
func (s *Service) SaveAccount(ctx context.Context, actor auth.Actor, a Account, password string) (AccountView, error) {
	if err := actor.MustBeStaff(); err != nil {
		return AccountView{}, err
	}
	before, err := accountRow(ctx, s.deps.DB.Read())
	if err != nil {
		return AccountView{}, fmt.Errorf("mail account: %w", err)
	}
	a, effective, err := s.checked(a, password, before)
	if err != nil {
		return AccountView{}, err
	}
	ref, err := s.keepPassword(a, password, effective, before)
	if err != nil {
		return AccountView{}, err
	}
	var after kept
	err = s.deps.DB.Write(ctx, func(tx *db.Tx) error {
		if err := saveAccount(ctx, tx, a, ref); err != nil {
			return fmt.Errorf("save the mail account: %w", err)
		}
		if after, err = accountRow(ctx, tx); err != nil {
			return fmt.Errorf("save the mail account: %w", err)
		}
		tx.AfterCommit(func() { s.Wake(); s.deps.Live.Changed("mail") })
		return tx.Audit(db.AuditEntry{Actor: actor, Action: "mail.account_saved",
			Detail:   map[string]any{"kind": string(a.Kind), "host": a.Host, "port": a.Port, "security": string(a.Security), "password_changed": ref != before.PasswordRef},
			Personal: map[string]string{"username": a.Username, "from_name": a.FromName, "from_address": a.FromAddress}})
	})
	if err != nil {
		return AccountView{}, err
	}
	if before.PasswordRef != "" && before.PasswordRef != ref {
		if err := s.deps.Secrets.Delete(before.PasswordRef); err != nil {
			s.deps.Log.Warn("an old mail password could not be removed", "error", err)
		}
	}
	return s.viewOf(after), nil
}

// checked answers the account as it would be kept and the password it would use.
func (s *Service) checked(a Account, password string, before kept) (Account, string, error) {
	a = a.normalise(before.Account)
	if password == "" && a.Kind == AccountSMTP && a.Username != "" {
		if a.needsPassword(before) {
			if before.PasswordRef == "" {
				return a, "", fault.InvalidField("password", "mail.password_missing", joined("mail.password_missing"))
			}
			return a, "", errPasswordAgain
		}
		kept, err := s.password(before.PasswordRef)
		if err != nil {
			return a, "", fault.InvalidField("password", "mail.password_gone", "The kept password cannot be read on this computer. Enter it again.").Because(err)
		}
		password = kept
	}
	if err := a.check(password); err != nil {
		return a, "", err
	}
	return a, password, nil
}

func joined(key string) string {
	m, _ := mail.MeaningOf(key)
	return m.What + " " + m.Do
}

// keepPassword puts a new password under a new name: until the account points to
// it nothing has changed, and the old one works on.
func (s *Service) keepPassword(a Account, given, effective string, before kept) (string, error) {
	switch {
	case a.Kind != AccountSMTP || a.Username == "":
		return "", nil
	case given == "":
		return before.PasswordRef, nil
	}
	ref := ident.New("mp")
	if err := s.deps.Secrets.Set(ref, secret.Secret(effective)); err != nil {
		return "", fault.New(fault.Unavailable, "mail.password_not_kept", "The password could not be kept safely on this computer, so nothing was saved. Unlock the keychain and try again.").Because(err)
	}
	return ref, nil
}

func (s *Service) password(ref string) (string, error) {
	if ref == "" {
		return "", nil
	}
	p, err := s.deps.Secrets.Get(ref)
	if err != nil {
		return "", fmt.Errorf("mail password: %w", err)
	}
	return p.Reveal(), nil
}

// Resume ends a pause or an outage: waiting mail is tried at once.
func (s *Service) Resume(ctx context.Context, actor auth.Actor) (AccountView, error) {
	if err := actor.MustBeStaff(); err != nil {
		return AccountView{}, err
	}
	var after kept
	err := s.deps.DB.Write(ctx, func(tx *db.Tx) error {
		n, err := accountOkay(ctx, tx)
		if err != nil {
			return fmt.Errorf("resume mail: %w", err)
		}
		if n == 0 {
			return fault.New(fault.Conflict, "mail.account_unset", "No mail account is set up yet. Set one up in the mail settings first.")
		}
		if after, err = accountRow(ctx, tx); err != nil {
			return fmt.Errorf("resume mail: %w", err)
		}
		tx.AfterCommit(func() { s.Wake(); s.deps.Live.Changed("mail") })
		return tx.Audit(db.AuditEntry{Actor: actor, Action: "mail.resumed"})
	})
	return s.viewOf(after), err
}

// Test tries an account out and sends a mail to the address; account nil means
// the one that is set up. It answers every step up to the first that failed.
// Only one test runs at a time (TooMany).
func (s *Service) Test(ctx context.Context, actor auth.Actor, to string, a *Account, password string) ([]mail.StepResult, error) {
	if err := actor.MustBeStaff(); err != nil {
		return nil, err
	}
	if !s.testing.TryLock() {
		return nil, fault.New(fault.TooMany, "mail.test_running", "A test is running already. Wait for its result.")
	}
	defer s.testing.Unlock()
	to, err := mail.CheckAddress(strings.TrimSpace(to))
	if err != nil {
		_, f := entryFault(err)
		f.Fields = []fault.Field{{Name: "to", Code: f.Code, Message: f.Message}}
		return nil, f
	}
	before, err := accountRow(ctx, s.deps.DB.Read())
	if err != nil {
		return nil, fmt.Errorf("test the mail account: %w", err)
	}
	if a == nil {
		if before.Status.State == AccountUnset {
			return nil, fault.New(fault.Conflict, "mail.account_unset", "No mail account is set up yet. Set one up in the mail settings first.")
		}
		a = &before.Account
	}
	account, effective, err := s.checked(*a, password, before)
	if err != nil {
		return nil, err
	}
	sender, raw, err := s.testMail(ctx, actor, account, effective, to)
	if err != nil {
		return nil, err
	}
	if account.Kind == AccountFiles {
		return s.testFiles(ctx, sender, to, raw), nil
	}
	return s.deps.Probe(ctx, sender, to, raw, nil), nil
}

func (s *Service) testMail(ctx context.Context, actor auth.Actor, a Account, password, to string) (mail.Account, []byte, error) {
	business, err := s.business(ctx)
	if err != nil {
		return mail.Account{}, nil, fmt.Errorf("test the mail account: %w", err)
	}
	language := s.words.match(actor.Language, business.Language)
	l := letter{kind: KindTest, language: language, text: s.built[KindTest][language], to: to, business: business, inline: true}
	r, err := s.words.render(l)
	if err != nil {
		return mail.Account{}, nil, err
	}
	sender := a.sender(password, business.Name)
	m := Message{MessageID: "<" + NewID() + "@" + domainOf(a.FromAddress) + ">", To: to, Created: s.deps.DB.Clock().Now()}
	raw, err := mail.Compose(l.message(m, r, sender))
	if err != nil {
		return mail.Account{}, nil, fmt.Errorf("test the mail account: %w", err)
	}
	return sender, raw, nil
}

func (s *Service) testFiles(ctx context.Context, a mail.Account, to string, raw []byte) []mail.StepResult {
	result := mail.StepResult{Step: mail.StepStore}
	files, err := mail.NewFiles(s.deps.FilesDir)
	if err == nil {
		var r mail.Receipt
		r, err = files.Send(ctx, a.FromAddress, to, raw, nil)
		result.Code, result.Reply = r.Code, r.Text
	}
	if err != nil {
		result.Problem = problemOf(err)
	}
	return []mail.StepResult{result}
}

// problemOf is the transport's word for an error; anything else is a broken
// connection of some kind and is tried again.
func problemOf(err error) *mail.Problem {
	var p *mail.Problem
	if errors.As(err, &p) {
		return p
	}
	return &mail.Problem{Step: mail.StepSender, Class: mail.Temporary, Key: "mail.temporary", Err: err}
}
