// Command languagemodel counts a folder of official texts and writes the language model that the binary carries:
//
//	go run ./scripts/languagemodel -texts DIR [-without DIR] [-pairs FILE] [-o pipeline/language/ngram/official.lm]
//
// The same texts give the same bytes. Every .txt file of DIR is read; a line is a paragraph, and a line that begins with ###
// begins a document. With -without, documents that share much of their wording with a true text (*.gt.txt) of that folder are
// left out: what repair is measured on must not be what it was made from. It prints what it left out and counted.
//
// A tour:
//
//   - main.go: the flags and the order of work.
//   - scripts/texts: documents, and which to leave out; pairs.go: a list of word pairs beside them.
//   - count.go: counting words, pairs and triples.
//   - smooth.go: from counts to probabilities: interpolated Kneser-Ney with three discounts.
//
// Exit status 1 when something failed, 2 on wrong use.
package main

import (
	"flag"
	"fmt"
	"io"
	"os"

	"sohoa/scripts/texts"
)

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

// run is main without the process around it.
func run(args []string, out, errs io.Writer) int {
	flags := flag.NewFlagSet("languagemodel", flag.ContinueOnError)
	flags.SetOutput(errs)
	folder := flags.String("texts", "", "folder of the texts to count")
	without := flags.String("without", "", "folder of true texts whose documents are left out")
	file := flags.String("o", "pipeline/language/ngram/official.lm", "file to write")
	pairs := flags.String("pairs", "", "file of word pairs of general Vietnamese, one a line")
	least := flags.Int("least", 2, "words that the texts have less often are all counted as unknown")
	if err := flags.Parse(args); err != nil {
		return 2
	}
	if *folder == "" || flags.NArg() > 0 || *least < 1 {
		fmt.Fprintln(errs, "languagemodel: error: name the folder of texts with -texts, and nothing else")
		flags.Usage()
		return 2
	}
	if err := write(*folder, *without, *pairs, *file, *least, out); err != nil {
		fmt.Fprintln(errs, "languagemodel: error:", err)
		return 1
	}
	return 0
}

func write(folder, without, pairs, file string, least int, out io.Writer) error {
	docs, err := texts.Read(folder)
	if err != nil {
		return err
	}
	if without != "" {
		if docs, err = texts.LeaveOut(docs, without, out); err != nil {
			return err
		}
	}
	var listed []listedPair
	if pairs != "" {
		if listed, err = readPairs(pairs); err != nil {
			return err
		}
	}
	c := count(docs, listed, least)
	data, err := c.table().Encode()
	if err != nil {
		return err
	}
	if err := os.WriteFile(file, data, 0o644); err != nil {
		return fmt.Errorf("write the model: %w", err)
	}
	fmt.Fprintf(out, "%s: %d bytes of %d documents, %d words, %d pairs, %d triples\n",
		file, len(data), len(docs), len(c.words), len(c.pairs), len(c.triples))
	return nil
}
