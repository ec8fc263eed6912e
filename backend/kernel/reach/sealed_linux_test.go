package reach_test

import (
	"net"
	"os"
	"os/exec"
	"testing"

	"portico/backend/kernel/reach"
	"portico/backend/kernel/reach/reachtest"
)

// Who asks for nobody in particular asks this computer's router, and every device
// near: so much would leave. The seal sees it, by whichever way it goes.
func TestTheSealSeesWhatLeaves(t *testing.T) {
	if reachtest.IsSealed() {
		for network, at := range map[string]string{"udp": "203.0.113.1:9", "udp6": "[2001:db8::1]:9"} {
			conn, err := net.Dial(network, at)
			if err != nil {
				t.Fatal(err)
			}
			_, _ = conn.Write([]byte("x"))
			_ = conn.Close()
		}
		reach.NewMapper(reach.MapperConfig{}).Explore(ctx)
		return
	}
	if os.Getuid() != 0 {
		t.Skip("network namespaces need root")
	}
	left := reachtest.Left(t, exec.Command(os.Args[0], "-test.run", "^TestTheSealSeesWhatLeaves$"))
	equal(t, "left", left, []string{"192.0.2.1:1900", "192.0.2.1:5351", "203.0.113.1:9", "239.255.255.250:1900", "[2001:db8:0:5ea1::1]:5351", "[2001:db8::1]:9"})
}

// Nothing that the mapper, the checks and the finder are tested with leaves.
func TestNothingLeaves(t *testing.T) {
	reachtest.Sealed(t, "^(TestForwards|TestAfterACrash|TestRefusals|TestPinholes|TestExplore|TestRun|TestFind|TestFetch|TestSocket|TestAuthority)$")
}
