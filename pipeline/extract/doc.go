// Package extract says what a paper says as data: its kind, number and notation, the agencies, place and day, trích yếu, signer, and
// of forms and cards the owner; as far as it is printed there. A page with its words in reading order goes in, fields come out. It is
// pure and takes a few milliseconds a page.
//
// What is looked for is where Nghị định 30/2020/NĐ-CP, phụ lục I puts it. Recognizers mistake marks first (quyết/quyêt), then figures (6/ó,
// 1/l, Đ/Ð/D, O/Q), and run words together; so everything is compared by its letters without marks, with some of them wrong, and what a
// paper says twice, or what such papers always say, puts right what was misread. Nothing is made up: what has a place on the paper and
// cannot be read, as a number that was written in by hand, is a field without a value.
//
// A tour:
//
//   - extract.go: Page and OfPaper, the table of contents. field.go: Field, and what fields there are.
//   - sheet.go: a page stood upright, its lines cut at the columns of the head, and the marks by which official papers are known.
//   - fold.go, match.go, digits.go: letters without marks, texts that are nearly the same, figures that were read as letters.
//   - kind.go and kinds.txt: what the paper is. number.go: số and ký hiệu, apart. agency.go: who issued it, and the agency above.
//     date.go: place and day. subject.go: trích yếu; mend.go: how the rest of the page puts it right. signer.go, offices.txt and
//     surnames.txt: who signed, and as what. owner.go: whose form or card it is; identity.go: the check rules of their numbers.
//     validity.go: until when and where it holds.
//   - codes.go: codes of dossiers and procedures, and what QR codes and barcodes say: the best witnesses where the words agree.
//   - spell.go and phrases.txt: names of agencies put right by the phrases that they are made of.
//   - confidence.go: what each doubt takes away. The confidence is calibrated: of fields shown as 95 or more, at least 95 % are right
//     (scripts/bench -only fields). The truths of the real scans are in testdata/fields.
package extract
