package main

import (
	"bytes"
	"strings"
	"testing"

	"sohoa/pipeline/extract"
	"sohoa/scripts/corpus"
)

func TestFieldScore(t *testing.T) {
	t.Parallel()
	s := newFieldScore("Set")
	var log bytes.Buffer
	s.add(corpus.Fields{
		Fields: map[extract.Name]string{
			extract.Title: "ĐƠN", extract.Issuer: "SỞ Y TẾ", extract.Number: "12", extract.Issued: "2025-02-18", extract.Subject: "x",
		},
		Written: []extract.Name{extract.Number},
		Untold:  []extract.Name{extract.DossierCode},
	}, []extract.Field{
		{Name: extract.Title, Value: "ĐƠN XIN", Normal: "ĐƠN", Confidence: 96},
		{Name: extract.Issuer, Value: "SỞ Y TÊ", Confidence: 85},
		{Name: extract.Number, Value: "72", Confidence: 97},
		{Name: extract.Issued},
		{Name: extract.Signer, Value: "Ai", Confidence: 10},
		{Name: extract.DossierCode, Value: "H50-250101-0001", Confidence: 99},
	}, "page.tif", &log)
	if s.Printed[extract.Title] != 1 || s.Exact[extract.Title] != 1 || s.Printed[extract.Number] != 0 || s.Exact[extract.Issuer] != 0 {
		t.Errorf("printed %v, exact %v", s.Printed, s.Exact)
	}
	if s.Missed != 2 || s.Invented != 1 {
		t.Errorf("%d missed, %d invented", s.Missed, s.Invented)
	}
	for i, want := range []shown{{95, 2, 1}, {80, 1, 0}, {50, 0, 0}, {0, 1, 0}} {
		if s.Shown[i] != want {
			t.Errorf("shown as %v: %+v, want %+v", want.From, s.Shown[i], want)
		}
	}
	if lines := strings.Count(log.String(), "\n"); lines != 4 {
		t.Errorf("%d lines tell what is wrong:\n%s", lines, log.String())
	}
	var rows strings.Builder
	fieldRows(&rows, []*fieldScore{s})
	for _, want := range []string{"| title | 1 of 1 (100.0 %) |", "| Printed and not found; found and not printed | 2; 1 |", "| Right of those shown with 95 to 100 % | 1 of 2 |"} {
		if !strings.Contains(rows.String(), want) {
			t.Errorf("no row %q in\n%s", want, rows.String())
		}
	}
}
