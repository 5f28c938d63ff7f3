package main

import (
	"expvar"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/pprof"
	"net/netip"
	"os"
	"time"
)

// openLog makes the log. Without --log a server's warnings go to stderr, which
// editors show; other commands speak to a person there and keep no log.
func (a *app) openLog(serving bool) (end func(), err error) {
	w := io.Discard
	level := slog.LevelInfo
	end = func() {}
	switch {
	case a.common.Log != "":
		f, err := os.OpenFile(a.common.Log, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
		if err != nil {
			return nil, usagef("--log: %v", err)
		}
		w, end = f, func() { _ = f.Close() } // nobody is left to be told
	case serving || a.common.LogLevel != "":
		w, level = a.err, slog.LevelWarn
	}
	if a.common.LogLevel != "" {
		if err := level.UnmarshalText([]byte(a.common.LogLevel)); err != nil {
			end()
			return nil, usagef("--log-level: %v", err)
		}
	}
	a.log = slog.New(slog.NewTextHandler(w, &slog.HandlerOptions{Level: level}))
	return end, nil
}

// openDebug serves pprof and expvar on a loopback address.
func (a *app) openDebug() (end func(), err error) {
	if a.common.Debug == "" {
		return func() {}, nil
	}
	host, _, err := net.SplitHostPort(a.common.Debug)
	if err != nil {
		return nil, usagef("--debug: %v; write it like 127.0.0.1:6060", err)
	}
	if ip, err := netip.ParseAddr(host); host != "localhost" && (err != nil || !ip.IsLoopback()) {
		return nil, usagef("--debug: %s is not a loopback address; write it like 127.0.0.1:6060", host)
	}
	l, err := net.Listen("tcp", a.common.Debug)
	if err != nil {
		return nil, fmt.Errorf("--debug: %w", err)
	}
	mux := http.NewServeMux()
	mux.Handle("/debug/vars", expvar.Handler())
	mux.HandleFunc("/debug/pprof/", pprof.Index)
	mux.HandleFunc("/debug/pprof/cmdline", pprof.Cmdline)
	mux.HandleFunc("/debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("/debug/pprof/symbol", pprof.Symbol)
	mux.HandleFunc("/debug/pprof/trace", pprof.Trace)
	server := &http.Server{Handler: localOnly(mux), ReadHeaderTimeout: 5 * time.Second}
	go func() { _ = server.Serve(l) }() // ends with Close
	a.log.Info("debug page", "url", "http://"+l.Addr().String()+"/debug/pprof/")
	return func() { _ = server.Close() }, nil
}

// localOnly refuses requests that a web page made for another name of this
// machine (DNS rebinding).
func localOnly(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host, _, err := net.SplitHostPort(r.Host)
		if err != nil {
			host = r.Host
		}
		if ip, err := netip.ParseAddr(host); host != "localhost" && (err != nil || !ip.IsLoopback()) {
			http.Error(w, "not by this name", http.StatusForbidden)
			return
		}
		next.ServeHTTP(w, r)
	})
}
