package mail

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"syscall"
)

// Windows reports sockets with its own numbers (WinSock), which Go's portable
// syscall.E… names do not match there; on other systems no errno is this large.
const (
	wsaNetworkDown        = syscall.Errno(10050)
	wsaNetworkUnreachable = syscall.Errno(10051)
	wsaConnectionRefused  = syscall.Errno(10061)
	wsaHostUnreachable    = syscall.Errno(10065)
)

// breakdown turns an error that is not a reply (network, TLS, garbage, the
// caller's context) into a Problem. After the final dot there is only one
// honest answer, whatever broke: nobody knows (RFC 1047).
func breakdown(step Step, err error) *Problem {
	p := &Problem{Step: step, Err: err}
	switch {
	case step == StepAfterData:
		p.Class, p.Key = Unknown, "mail.unknown"
	case errors.Is(err, context.Canceled):
		p.Class, p.Key = Cancelled, "mail.cancelled"
	case tlsTrouble(p, err):
	case step == StepConnect:
		p.Class, p.Key = Offline, connectKey(err)
	case isUnreachable(err):
		p.Class, p.Key = Offline, "mail.network_unreachable"
	case errors.Is(err, errGarbled):
		garbled(p)
	case isTimeout(err):
		p.Class, p.Key = Temporary, "mail.timeout"
		if step == StepGreeting {
			p.Key = "mail.greeting_silent"
		}
	case isHandshake(step):
		// Cut off or nonsense in the middle of a handshake: firewalls and the
		// login pages of public networks do that. The mail is not to blame.
		p.Class, p.Key = Offline, "mail.tls_failed"
	default:
		p.Class, p.Key = Temporary, "mail.connection_lost"
		if step == StepGreeting {
			p.Key = "mail.greeting_closed"
		}
	}
	return p
}

// isHandshake: a broken line in these steps broke a TLS handshake.
func isHandshake(step Step) bool { return step == StepTLS || step == StepStartTLS }

// garbled: a web server, a login page or another program answered.
func garbled(p *Problem) {
	p.Class, p.Key = Temporary, "mail.reply_garbled"
	if p.Step == StepGreeting {
		p.Class, p.Key = Offline, "mail.not_mail_server"
	}
}

// tlsTrouble recognises what only TLS can go wrong with.
func tlsTrouble(p *Problem, err error) bool {
	var unverified *tls.CertificateVerificationError
	var notTLS tls.RecordHeaderError
	switch {
	case errors.As(err, &unverified):
		p.Class, p.Key = Certificate, certificateKey(unverified.Err)
	case errors.As(err, &notTLS):
		p.Class, p.Key = Offline, "mail.not_mail_server"
		if strings.HasPrefix(string(notTLS.RecordHeader[:]), "220") {
			p.Key = "mail.tls_not_spoken"
		}
	case strings.Contains(err.Error(), "protocol version"):
		// crypto/tls has no type for its own "server selected unsupported protocol
		// version" nor for the server's alert "protocol version not supported".
		p.Class, p.Key = InsecureRefused, "mail.tls_too_old"
	default:
		return false
	}
	return true
}

func certificateKey(err error) string {
	var name x509.HostnameError
	var authority x509.UnknownAuthorityError
	var bad x509.CertificateInvalidError
	switch {
	case errors.As(err, &name):
		return "mail.certificate_name"
	case errors.As(err, &bad) && bad.Reason == x509.Expired:
		return "mail.certificate_expired"
	case errors.As(err, &authority):
		return "mail.certificate_untrusted"
	default:
		return "mail.certificate"
	}
}

// connectKey: all of these are Offline; the sentence differs.
func connectKey(err error) string {
	var dns *net.DNSError
	switch {
	case errors.As(err, &dns) && dns.IsNotFound:
		return "mail.dns_unknown"
	case errors.As(err, &dns):
		return "mail.dns_failed"
	case errors.Is(err, syscall.ECONNREFUSED), errors.Is(err, wsaConnectionRefused):
		return "mail.port_closed"
	case isUnreachable(err):
		return "mail.network_unreachable"
	case isTimeout(err):
		return "mail.connect_timeout"
	default:
		return "mail.offline"
	}
}

func isUnreachable(err error) bool {
	for _, code := range []error{
		syscall.ENETUNREACH, syscall.EHOSTUNREACH, syscall.ENETDOWN,
		wsaNetworkDown, wsaNetworkUnreachable, wsaHostUnreachable,
	} {
		if errors.Is(err, code) {
			return true
		}
	}
	return false
}

// isTimeout covers our own deadlines and those of the caller's context.
func isTimeout(err error) bool {
	var netErr net.Error
	return errors.Is(err, os.ErrDeadlineExceeded) || errors.Is(err, context.DeadlineExceeded) ||
		(errors.As(err, &netErr) && netErr.Timeout() && !errors.Is(err, io.EOF))
}
