package chat

import (
	"context"
	"errors"
	"fmt"

	"portico/backend/kernel/auth"
	"portico/backend/kernel/db"
	"portico/backend/kernel/fault"
	"portico/backend/kernel/ident"
	"portico/backend/kernel/mailbox"
	"portico/backend/kernel/secret"
	"portico/backend/kernel/settings"
)

var (
	mailboxKey = settings.Key[Mailbox]{Name: "chat.mailbox", Default: Mailbox{Port: 993, Security: string(mailbox.TLS), Plus: true}}
	placeKey   = settings.Key[mailbox.Place]{Name: "chat.mailbox_place"}
)

var errMailboxPassword = fault.InvalidField("password", "chat.mailbox_password", "Enter the password of the mailbox.")

// Mailbox answers where answers by mail are read, and how that stands. Staff only.
func (s *Service) Mailbox(ctx context.Context, actor auth.Actor) (MailboxView, error) {
	if err := actor.MustBeStaff(); err != nil {
		return MailboxView{}, err
	}
	m, err := settings.Get(ctx, s.DB.Read(), mailboxKey)
	return s.postman.view(m), err
}

// SetMailbox changes it. An empty password keeps the one that there is, as long as
// it goes to the same server for the same user. Staff only.
func (s *Service) SetMailbox(ctx context.Context, actor auth.Actor, in Mailbox, password string) (MailboxView, error) {
	if err := actor.MustBeStaff(); err != nil {
		return MailboxView{}, err
	}
	before, err := settings.Get(ctx, s.DB.Read(), mailboxKey)
	if err != nil {
		return MailboxView{}, err
	}
	m, _, err := s.checkedMailbox(in, password, before)
	if err != nil {
		return MailboxView{}, err
	}
	if password != "" {
		m.PasswordRef = ident.New("mb")
		if err := s.Secrets.Set(m.PasswordRef, secret.Secret(password)); err != nil {
			return MailboxView{}, fault.New(fault.Unavailable, "chat.mailbox_password_kept", "The password could not be kept safely on this computer, so nothing was saved. Unlock the keychain and try again.").Because(err)
		}
	}
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		if err := settings.Set(ctx, tx, mailboxKey, m); err != nil {
			return err
		}
		if !m.sameLogin(before) || m.Folder != before.Folder { // another mailbox is read from now on
			if err := settings.Reset(ctx, tx, placeKey); err != nil {
				return err
			}
		}
		tx.AfterCommit(func() { s.postman.changed(); s.Live.Changed("chat.mailbox") })
		return tx.Audit(db.AuditEntry{Actor: actor, Action: "chat.mailbox", Subject: "chat",
			Detail:   map[string]any{"enabled": m.Enabled, "host": m.Host, "port": m.Port, "security": m.Security, "password_changed": password != ""},
			Personal: map[string]string{"username": m.Username, "address": m.Address}})
	})
	if err != nil {
		return MailboxView{}, err
	}
	if before.PasswordRef != "" && before.PasswordRef != m.PasswordRef {
		if err := s.Secrets.Delete(before.PasswordRef); err != nil {
			s.Log.Warn("an old mailbox password could not be removed", "error", err)
		}
	}
	return s.postman.view(m), nil
}

// checkedMailbox answers the mailbox as it would be kept, and its password.
func (s *Service) checkedMailbox(in Mailbox, password string, before Mailbox) (Mailbox, string, error) {
	in.PasswordRef = before.PasswordRef
	m, err := in.normalised()
	if err != nil {
		return m, "", err
	}
	if password != "" || m.Host == "" {
		return m, password, nil
	}
	if before.PasswordRef == "" || !m.sameLogin(before) {
		return m, "", errMailboxPassword
	}
	kept, err := s.Secrets.Get(before.PasswordRef)
	if err != nil {
		return m, "", errMailboxPassword.Because(err)
	}
	return m, kept.Reveal(), nil
}

// TestMailbox tries a mailbox out and answers every step up to the first that
// failed. Staff only.
func (s *Service) TestMailbox(ctx context.Context, actor auth.Actor, in Mailbox, password string) ([]MailboxStep, error) {
	if err := actor.MustBeStaff(); err != nil {
		return nil, err
	}
	before, err := settings.Get(ctx, s.DB.Read(), mailboxKey)
	if err != nil {
		return nil, err
	}
	in.Enabled = true
	m, effective, err := s.checkedMailbox(in, password, before)
	if err != nil {
		return nil, err
	}
	trouble := mailbox.Probe(ctx, s.account(m, effective))
	var out []MailboxStep
	for _, step := range mailbox.Steps() {
		if trouble != nil && trouble.Step == step {
			return append(out, MailboxStep{step, false, trouble.Err.Error()}), nil
		}
		out = append(out, MailboxStep{Step: step, OK: true})
	}
	return out, nil
}

func (s *Service) account(m Mailbox, password string) mailbox.Account {
	return mailbox.Account{Host: m.Host, Port: int(m.Port), Security: mailbox.Security(m.Security), Username: m.Username, Password: password, Folder: m.Folder, Roots: s.MailRoots}
}

// answerable gives a mail about a conversation an address for answers, when there
// is a mailbox for them.
func (s *Service) answerable(ctx context.Context, tx *db.Tx, m *Mail, to replyTarget) error {
	box, err := settings.Get(ctx, s.DB.Read(), mailboxKey)
	if err != nil || !box.Enabled {
		return err
	}
	m.Thread = replyToken(s.ReplyKey, to)
	m.ReplyTo = box.replyAddress(m.Thread)
	return insertReplyToken(ctx, tx, m.Thread, to)
}

// Receive takes a mail that came into the mailbox. What a client answered is a
// message of theirs; what is refused stands as an internal note where staff see
// it; all other mail is none of ours. The same mail may come any number of times.
func (s *Service) Receive(ctx context.Context, raw []byte) error {
	in, err := readMail(raw)
	if err != nil || in.token == "" || in.machine {
		return nil //nolint:nilerr // what cannot be read is no answer
	}
	to, err := replyTargetOf(ctx, s.DB.Read(), in.token)
	if errors.Is(err, db.ErrNoRows) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("asking whose answer a mail is: %w", err)
	}
	why, err := s.refusal(ctx, in, to)
	if err != nil {
		return fmt.Errorf("asking who wrote a mail: %w", err)
	}
	c, err := s.byID(ctx, s.DB.Read(), to.conversationID)
	if err != nil {
		return err
	}
	if c.Kind == Broadcast { // its answers come in the contact's own conversation
		to.conversationID = DirectID(to.contactID)
	}
	if why != "" {
		return s.tellOfMail(ctx, in, to, "chat.mail_refused", map[string]any{"from": in.from, "reason": s.ownerSays(ctx, why, nil), "text": shortened(in.text, maxSaid)})
	}
	if in.text != "" {
		actor := auth.Actor{Kind: auth.KindClient, ContactID: to.contactID, Via: "mail"}
		_, _, err := s.Post(ctx, actor, to.conversationID, Draft{ClientMsgID: "mail-" + in.key, Text: in.text})
		if kind := fault.KindOf(err); kind == fault.NotFound || kind == fault.Forbidden {
			return nil // they take part no more
		}
		if err != nil {
			return fmt.Errorf("taking an answer by mail: %w", err)
		}
	}
	if in.files > 0 {
		return s.tellOfMail(ctx, in, to, "chat.mail_files", map[string]any{"n": in.files, "from": in.from})
	}
	return nil
}

// refusal is the key of why a mail is no message of the contact; "" when it is one.
func (s *Service) refusal(ctx context.Context, in incoming, to replyTarget) (string, error) {
	theirs, err := s.People.HasEmail(ctx, s.DB.Read(), to.contactID, in.from)
	if err != nil {
		return "", err
	}
	admitted, err := s.Door.Admits(ctx, to.contactID)
	switch {
	case err != nil:
		return "", err
	case !theirs:
		return "chat.mail_foreign", nil
	case in.verdict != "":
		return "chat.mail_forged", nil
	case !admitted:
		return "chat.mail_shut_out", nil
	}
	return "", nil
}

// ownerSays answers a sentence in the owner's language.
func (s *Service) ownerSays(ctx context.Context, key string, params map[string]any) string {
	language, err := s.Owner.Language(ctx)
	if err != nil {
		language = "" // the catalogue has one for everybody
	}
	text, _ := s.Words(language, key, params)
	return text
}

// tellOfMail leaves a note about a mail, once.
func (s *Service) tellOfMail(ctx context.Context, in incoming, to replyTarget, key string, params map[string]any) error {
	text := s.ownerSays(ctx, key, params)
	err := s.DB.Write(ctx, func(tx *db.Tx) error {
		n, err := insertInbound(ctx, tx, in.key)
		if err != nil || n == 0 {
			return err
		}
		if to.conversationID == DirectID(to.contactID) {
			if err := s.ensureDirect(ctx, tx, to.contactID); err != nil {
				return err
			}
		}
		c, err := s.byID(ctx, tx, to.conversationID)
		if err != nil {
			return err
		}
		note := Note{ID: ident.New("cn"), ConversationID: c.ID, AfterSeq: c.LastSeq, Text: text, Created: tx.Now}
		if err := insertNote(ctx, tx, note); err != nil {
			return err
		}
		return s.noted(ctx, tx, note)
	})
	if err != nil {
		return fmt.Errorf("telling of a mail: %w", err)
	}
	return nil
}
