package frontdoor

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"io/fs"
	"math/big"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/tasktracker/tasktracker/tests/line"
)

// output is what a program writes, readable while it runs.
type output struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

// nginx is one that runs.
type nginx struct {
	cmd *exec.Cmd
	log *output
}

// startNginx runs the nginx.conf in dir, whose paths in /tmp are moved there.
func startNginx(t *testing.T, dir string) *nginx {
	t.Helper()
	program, err := exec.LookPath("nginx")
	if err != nil {
		program = "/usr/sbin/nginx" // Debian's place, which is in root's PATH alone
	}
	if _, err := os.Stat(program); err != nil {
		t.Fatal("this test needs nginx: install it (Debian: apt-get install nginx-light)")
	}
	arguments := []string{"-p", dir, "-c", filepath.Join(dir, "nginx.conf"), "-g", "daemon off;"}
	if os.Geteuid() == 0 {
		arguments[len(arguments)-1] += " user root;" // the test's directories are root's own
	}
	if out, err := exec.Command(program, append(arguments, "-t")...).CombinedOutput(); err != nil {
		t.Fatalf("nginx -t: %v\n%s", err, out)
	}
	n := &nginx{cmd: exec.Command(program, arguments...), log: &output{}}
	n.cmd.Stdout, n.cmd.Stderr = n.log, n.log
	if err := n.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		n.signal(t, syscall.SIGTERM)
		_ = n.cmd.Wait() // it was told to end
		if t.Failed() {
			t.Logf("nginx:\n%s", n.log)
		}
	})
	return n
}

func (n *nginx) signal(t *testing.T, sig syscall.Signal) {
	t.Helper()
	if err := n.cmd.Process.Signal(sig); err != nil {
		t.Error(err)
	}
}

// render fills in the templates as the image's envsubst does, and gives the directory.
func render(t *testing.T, env map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	source := filepath.Join(line.Root(), "nginx")
	err := filepath.WalkDir(source, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		name, err := filepath.Rel(source, path)
		if err != nil {
			return err
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		text := string(content)
		if rest, ok := strings.CutPrefix(name, "templates/"); ok {
			name = filepath.Join("conf.d", strings.TrimSuffix(rest, ".template"))
			for variable, value := range env {
				text = strings.ReplaceAll(text, "${"+variable+"}", value)
			}
			if _, left, found := strings.Cut(text, "${"); found {
				return fmt.Errorf("%s has a variable that compose.yml does not set: ${%.40s", name, left)
			}
		}
		if name == "nginx.conf" {
			text = strings.ReplaceAll(text, "/tmp/", dir+"/")
		}
		return write(filepath.Join(dir, name), text)
	})
	if err != nil {
		t.Fatal(err)
	}
	mimeTypes(t, dir)
	return dir
}

func write(path, text string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return os.WriteFile(path, []byte(text), 0o600)
}

func mimeTypes(t *testing.T, dir string) {
	t.Helper()
	types, err := os.ReadFile("/etc/nginx/mime.types")
	if err != nil {
		t.Fatal(err)
	}
	if err := write(filepath.Join(dir, "mime.types"), string(types)); err != nil {
		t.Fatal(err)
	}
}

// startDashboard serves the built dashboard by its own nginx.conf.
func startDashboard(t *testing.T, port string) {
	t.Helper()
	dir := t.TempDir()
	text := read(t, "dashboard/nginx.conf")
	for _, change := range [][2]string{ // the checkout may itself be below /tmp
		{"/tmp/", dir + "/"}, {"listen 8080;", "listen 127.0.0.1:" + port + ";"}, {"/usr/share/nginx/html", filepath.Join(line.Root(), "dashboard", "dist")},
	} {
		if !strings.Contains(text, change[0]) {
			t.Fatalf("dashboard/nginx.conf has no %q", change[0])
		}
		text = strings.ReplaceAll(text, change[0], change[1])
	}
	if err := write(filepath.Join(dir, "nginx.conf"), text); err != nil {
		t.Fatal(err)
	}
	mimeTypes(t, dir)
	startNginx(t, dir)
}

// certificate makes tls.crt and tls.key for localhost in dir, and gives who trusts it.
func certificate(t *testing.T, dir string) *x509.CertPool {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "localhost"}, DNSNames: []string{"localhost"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	public := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	for name, content := range map[string][]byte{
		"tls.crt": public, "tls.key": pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret}),
	} {
		if err := write(filepath.Join(dir, name), string(content)); err != nil {
			t.Fatal(err)
		}
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(public)
	return pool
}
