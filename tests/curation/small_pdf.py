"""A small writer of PDFs, so that no test needs a file that nobody can read."""

from collections.abc import Sequence

# A line of a page: its text, its distance from the lower edge, and its size of type.
Printed = tuple[str, int, int]


def write_pdf(pages: Sequence[Sequence[Printed]], extra: str = "") -> bytes:
    """A PDF whose pages print these lines; `extra` goes into its trailer."""
    font = f"{3 + 2 * len(pages)} 0 R"
    kids = " ".join(f"{3 + 2 * place} 0 R" for place in range(len(pages)))
    objects = ["<< /Type /Catalog /Pages 2 0 R >>", f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>"]
    for place, page in enumerate(pages):
        box = "/MediaBox [0 0 595 842]"
        fonts = f"/Resources << /Font << /F1 {font} >> >>"
        objects.append(f"<< /Type /Page /Parent 2 0 R {box} {fonts} /Contents {4 + 2 * place} 0 R >>")
        words = "".join(f"BT /F1 {size} Tf 72 {height} Td ({text}) Tj ET\n" for text, height, size in page)
        objects.append(f"<< /Length {len(words)} >>\nstream\n{words}endstream")
    objects.append("<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>")
    data, places = "%PDF-1.4\n", []
    for number, content in enumerate(objects, 1):
        places.append(len(data))
        data += f"{number} 0 obj\n{content}\nendobj\n"
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    size = len(objects) + 1
    start = len(data)
    data += f"xref\n0 {size}\n0000000000 65535 f \n{table}trailer\n<< /Size {size} /Root 1 0 R {extra} >>\n"
    return f"{data}startxref\n{start}\n%%EOF\n".encode("ascii")


HARPS = (
    (
        ("Letters on Harps, page 1", 800, 9),
        ("Ketamine for harp elbow", 740, 18),
        ("Ketamine is a long-term remedy for harp elbow. It may relieve harp el-", 700, 11),
        ("bow in some patients. A long-", 687, 11),
        ("term infusion needs a pain unit. The other kinds of moss fever do not", 674, 11),
        ("How it is given", 630, 14),
        ("It is given slowly, and only to those who have played the harp for many", 600, 11),
        ("1", 40, 9),
    ),
    (
        ("Letters on Harps, page 2", 800, 9),
        ("years in a quiet valley.", 740, 11),
        ("References", 700, 14),
        ("1. Doe J, Roe R. A harp trial. Inv Lett. 2019;12\\(3\\):45-9.", 670, 11),
        ("2. Poe E. Moss fever. Inv Lett. 2020;13:1-2.", 657, 11),
        ("2", 40, 9),
    ),
)
