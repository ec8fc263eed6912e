package db

import "testing"

func TestNetworkFileSystemsAreKnownByTheirMagic(t *testing.T) {
	for magic, want := range map[int64]string{0x6969: "NFS", 0xFF534D42: "SMB", 0xFE534D42: "SMB", 0x517B: "SMB", 0xEF53: "", 0x01021994: ""} {
		if got := networkMagic(magic); got != want {
			t.Errorf("%x is %q, want %q", magic, got, want)
		}
	}
}
