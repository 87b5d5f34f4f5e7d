#include "tagconf/report/html.hpp"

#include <cstdint>
#include <utility>

#include "tagconf/base/utf8.hpp"
#include "templates.hpp"

namespace tagconf::report {
namespace {

constexpr std::string_view kReplacement = "\uFFFD";

bool is_control(char c) {
  const auto u = static_cast<unsigned char>(c);
  return (u < 0x20 && c != '\n' && c != '\t') || u == 0x7F;
}

Html element(std::string_view tag, std::string_view css_class, const Html& content) {
  std::string out = "<" + std::string(tag);
  if (!css_class.empty()) out += " class=\"" + std::string(css_class) + "\"";
  return {out + ">" + content.bytes + "</" + std::string(tag) + ">"};
}

Html line(Html content) {
  content.bytes += '\n';
  return content;
}

}  // namespace

namespace templates {

std::string fill(const std::string& text, const Values& values) {
  kainjow::mustache::mustache page(text);
  page.set_custom_escape([](const std::string& s) { return escaped(s).bytes; });
  return page.render(values);
}

}  // namespace templates

Html escaped(std::string_view text) {
  Html out;
  out.bytes.reserve(text.size() + 16);
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t n = utf8_length(text, i);
    if (n == 0 || (n == 1 && is_control(text[i]))) {
      out.bytes += kReplacement;
      ++i;
      continue;
    }
    switch (text[i]) {
      case '&':
        out.bytes += "&amp;";
        break;
      case '<':
        out.bytes += "&lt;";
        break;
      case '>':
        out.bytes += "&gt;";
        break;
      case '"':
        out.bytes += "&quot;";
        break;
      case '\'':
        out.bytes += "&#39;";
        break;
      default:
        out.bytes += text.substr(i, n);
    }
    i += n;
  }
  return out;
}

std::string base64(std::span<const std::byte> bytes) {
  constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::size_t n = bytes.size() - i < 3 ? bytes.size() - i : 3;
    std::uint32_t word = 0;
    for (std::size_t k = 0; k < 3; ++k)
      word = word << 8U | (k < n ? std::to_integer<std::uint32_t>(bytes[i + k]) : 0U);
    for (std::size_t k = 0; k < 4; ++k) {
      out += k <= n ? kDigits[word >> (18U - 6U * k) & 63U] : '=';
    }
  }
  return out;
}

Html paragraph(std::string_view text) {
  return paragraph(escaped(text));
}
Html paragraph(const Html& content) {
  return line(element("p", "", content));
}
Html lead(std::string_view text) {
  return line(element("p", "lead", escaped(text)));
}
Html limits(std::string_view text) {
  return line(element("p", "limits", escaped(text)));
}
Html heading(std::string_view text) {
  return line(element("h3", "", escaped(text)));
}
Html note(std::string_view text) {
  return line(element("p", "note", escaped(text)));
}
Html strong(std::string_view text) {
  return element("strong", "", escaped(text));
}
Html code(std::string_view text) {
  return element("code", "", escaped(text));
}
Html badge(std::string_view text, std::string_view kind) {
  return element("span", "badge " + escaped(kind).bytes, escaped(text));
}

namespace {

templates::Values row_group(const Table& t, const RowGroup& group) {
  auto rows = templates::list();
  for (const auto& row : group.rows) {
    auto cells = templates::list();
    for (std::size_t i = 0; i < row.size(); ++i) {
      templates::Values cell;
      cell["content"] = row[i].bytes;
      cell["first"] = i == 0;
      cell["numeric"] = i < t.columns.size() && t.columns[i].numeric;
      cells << cell;
    }
    templates::Values r;
    r["cells"] = std::move(cells);
    rows << r;
  }
  templates::Values out;
  if (group.title.empty()) {
    out["title"] = false;
  } else {
    out["title"] = group.title;
  }
  out["width"] = std::to_string(t.columns.size());
  out["rows"] = std::move(rows);
  return out;
}

}  // namespace

Html table(const Table& t) {
  auto columns = templates::list();
  for (const auto& column : t.columns) {
    templates::Values c;
    c["title"] = column.title;
    c["numeric"] = column.numeric;
    columns << c;
  }
  auto groups = templates::list();
  if (!t.rows.empty() || t.groups.empty()) groups << row_group(t, {"", t.rows});
  for (const auto& group : t.groups) groups << row_group(t, group);
  templates::Values values;
  if (t.caption.empty()) {
    values["caption"] = false;
  } else {
    values["caption"] = t.caption;
  }
  values["columns"] = std::move(columns);
  values["groups"] = std::move(groups);
  return {templates::fill(templates::kTable, values)};
}

Html figure(const Html& content, std::string_view caption) {
  templates::Values values;
  values["content"] = content.bytes;
  values["caption"] = std::string(caption);
  return {templates::fill(templates::kFigure, values)};
}

Html gallery(std::span<const Picture> pictures, int columns) {
  auto items = templates::list();
  for (const auto& picture : pictures) {
    auto lines = templates::list();
    for (const auto& text : picture.lines) {
      templates::Values l;
      l["line"] = text;
      lines << l;
    }
    templates::Values item;
    item["data"] = base64(picture.jpeg);
    item["width"] = std::to_string(picture.width);
    item["height"] = std::to_string(picture.height);
    item["description"] = picture.description;
    item["lines"] = std::move(lines);
    items << item;
  }
  templates::Values values;
  values["columns"] = std::to_string(columns);
  values["pictures"] = std::move(items);
  return {templates::fill(templates::kGallery, values)};
}

Html cards(std::span<const Card> all) {
  auto items = templates::list();
  for (const auto& card : all) {
    templates::Values item;
    item["title"] = card.title;
    item["value"] = card.value;
    auto details = templates::list();
    for (const auto& text : card.details) {
      templates::Values d;
      d["detail"] = text;
      details << d;
    }
    item["details"] = std::move(details);
    item["colour"] = card.colour;
    items << item;
  }
  templates::Values values;
  values["cards"] = std::move(items);
  return {templates::fill(templates::kCards, values)};
}

Html pair(std::span<const Html> drawings) {
  Html out;
  for (const auto& drawing : drawings) out += drawing;
  return line(element("div", "pair", out));
}

Html quotation(std::span<const std::string> paragraphs) {
  Html out;
  for (const auto& text : paragraphs) out += paragraph(text);
  return line(element("div", "methods", out));
}

}  // namespace tagconf::report
