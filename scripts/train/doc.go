// Command train makes the recognition models that travel in the program: it goes on with a published Vietnamese model of Tesseract
// on lines of official text, printed in the typefaces of offices, scanned badly and cleaned as at run time.
//
//	go run ./scripts/train -text DIR -scans DIR -work DIR [-base large] [-pages 2000] [-stages 8] [-iterations 5000]
//	go run ./scripts/train -judge FILE.traineddata -scans DIR
//
// DIR of -text holds official text (*.txt, a paragraph a line), DIR of -scans real scans with NAME.gt.txt beside each: on these
// alone models are judged, none of them is trained on, and documents much like one of them are left out of the text. -work keeps everything; the same command again goes on where it
// stopped. At the end WORK/best.traineddata is the model of the stage that read the scans best, and WORK/report.txt says how
// each did. Copied to pipeline/recognize/models it is the program's.
//
// A tour, in the order of the work:
//
//   - main.go: the flags and the steps.
//   - network.go: the published integer network as one of floats, from which training can go on.
//   - text.go: official text as paragraphs.
//   - lines.go: pages by scripts/corpus, cleaned by pipeline/clean, cut into lines.
//   - lstmf.go: the form in which lstmtraining reads lines.
//   - stages.go: Tesseract's own trainer, some thousand lines at a time, and its models packed.
//   - judge.go: how well a model reads.
package main
