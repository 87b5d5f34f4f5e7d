// tagconf convert: tag boxes from and to the formats of annotation tools.
//
//   tagconf convert tags.csv --to coco --images M --out boxes.json
//   tagconf convert boxes.json --images M --out tags.csv
//
// --from is told by the input where it is left out: a .csv is tags.csv, a .json file is COCO, a folder with
// JSON files is LabelMe, one with text files YOLO (classes.txt or obj.names names its classes). LabelMe and
// YOLO are written as a folder with one file an image, <image_id>.json or .txt. Writing anything but
// tags.csv, and reading YOLO, needs
// --images. LabelMe keeps kind and text; YOLO kind and score; COCO everything.
#include <algorithm>
#include <fstream>

#include "folder_draft.hpp"
#include "tag_counts.hpp"
#include "tagconf/arms/image_input.hpp"
#include "tagconf/base/error.hpp"
#include "tagconf/base/files.hpp"
#include "tagconf/stages/all.hpp"
#include "tagconf/tags/box_formats.hpp"

namespace tagconf::stages {
namespace {
namespace fs = std::filesystem;
using options::field;
using tags::BoxFormat;

struct ConvertOptions {
  std::optional<BoxFormat> from;
  BoxFormat to = BoxFormat::tags;
  std::map<std::string, std::string> categories;
  std::optional<TagSource> source;

  template <class Visitor>
  void describe(Visitor& v) {
    v(field<std::optional<BoxFormat>>("from", "format read; left out: told by the input"), from);
    v(field<BoxFormat>("to", "format written"), to);
    v(field<std::map<std::string, std::string>>("categories",
                                                "what the input's categories mean, as R=laterality"),
      categories);
    v(field<std::optional<TagSource>>("source",
                                      "source of every box; left out: what the input says, else given"),
      source);
  }
};

stage::StageInfo convert_info() {
  stage::StageInfo info;
  info.name = "convert";
  info.version = 1;
  info.summary = "convert tag boxes between tags.csv, COCO, LabelMe and YOLO";
  info.inputs = {{"boxes", "tags.csv, COCO file, or folder of LabelMe or YOLO files", true, false},
                 {"images", "manifest, folder of images or image", false, false}};
  info.outputs = {{"converted", "converted", "a file (tags, coco) or a folder (labelme, yolo)"}};
  info.examples = {
      "tagconf convert tags.csv --to coco --images films/ --out boxes.json",
      "tagconf convert labelme/ --categories R=laterality,L=laterality --images films/ --out tags.csv"};
  return info;
}

std::vector<tags::KnownImage> known_images(const cohort::Manifest& manifest) {
  std::vector<tags::KnownImage> out;
  for (const auto& row : manifest.rows) out.push_back({row.sample.image_id, row.path, row.width, row.height});
  return out;
}

bool names_classes(const fs::path& path) {
  return path.filename() == "classes.txt" || path.filename() == "obj.names";
}

// Darknet's list of training images.
bool lists_images(const fs::path& path) {
  return path.filename() == "train.txt";
}

// Files of an extension below a folder, sorted, relative to it.
std::vector<fs::path> files_below(const fs::path& folder, const std::string& extension) {
  std::vector<fs::path> out;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    const fs::path relative = entry.path().lexically_relative(folder);
    if (entry.is_regular_file() && entry.path().extension() == extension && !names_classes(relative) &&
        !lists_images(relative))
      out.push_back(relative);
  }
  std::sort(out.begin(), out.end());
  return out;
}

BoxFormat told_by(const fs::path& path) {
  if (!fs::exists(path)) throw_input(path.string() + ": no such file or folder");
  if (!fs::is_directory(path)) return path.extension() == ".json" ? BoxFormat::coco : BoxFormat::tags;
  // Tools put JSON of their own (notes.json) beside YOLO's files.
  if (fs::exists(path / "classes.txt") || fs::exists(path / "obj.names")) return BoxFormat::yolo;
  if (!files_below(path, ".json").empty()) return BoxFormat::labelme;
  if (!files_below(path, ".txt").empty()) return BoxFormat::yolo;
  throw_input(path.string() + ": holds neither JSON nor text files", "expected LabelMe's or YOLO's files");
}

std::vector<std::string> yolo_class_names(const fs::path& folder) {
  for (const char* name : {"classes.txt", "obj.names"}) {
    if (fs::exists(folder / name)) return tags::parse_yolo_classes(read_text(folder / name));
  }
  throw_input(folder.string() + ": holds no classes.txt and no obj.names",
              "one of them must name YOLO's classes, one a line");
}

tags::TagTable read_folder(const fs::path& folder, BoxFormat format, tags::BoxReading& reading,
                           const stage::Context& context) {
  if (!fs::is_directory(folder)) throw_input(folder.string() + ": is no folder");
  const bool labelme = format == BoxFormat::labelme;
  const auto classes = labelme ? std::vector<std::string>{} : yolo_class_names(folder);
  const auto files = files_below(folder, labelme ? ".json" : ".txt");
  if (files.empty())
    throw_input(folder.string() + ": holds no file of the format " + std::string(name_of(format)));
  tags::TagTable table(folder.string());
  std::size_t done = 0;
  for (const fs::path& file : files) {
    const fs::path path = folder / file;
    const std::string id = fs::path(file).replace_extension().generic_string();
    if (labelme) {
      tags::parse_labelme(read_text(path), path.string(), id, reading, table);
    } else {
      tags::parse_yolo(read_text(path), path.string(), id, classes, reading, table);
    }
    context.progress->update(++done, files.size(), "images", "");
  }
  reading.check_categories(folder.string());
  return table;
}

tags::TagTable with_source(const tags::TagTable& table, const std::optional<TagSource>& source) {
  if (!source) return table;
  tags::TagTable out(table.source());
  for (const auto& id : table.images()) {
    out.add_image(id, table.boxes(id).empty() ? source : std::nullopt);
    for (TagBox tag : table.boxes(id)) {
      tag.source = *source;
      out.add(id, std::move(tag));
    }
  }
  return out;
}

// The table's images with their sizes, in its order; every box is checked against them.
std::vector<tags::KnownImage> sized(const tags::TagTable& table, const std::vector<tags::KnownImage>& images,
                                    BoxFormat to) {
  if (images.empty()) {
    throw Error(ErrorCode::usage, "--images is missing",
                std::string(name_of(to)) + " names every picture and its size");
  }
  std::map<std::string, const tags::KnownImage*> by_id;
  for (const auto& image : images) by_id.emplace(image.id, &image);
  std::vector<tags::KnownImage> out;
  for (const auto& id : table.images()) {
    const auto found = by_id.find(id);
    if (found == by_id.end()) throw_input(table.source() + ": image '" + id + "' is not among the images");
    if (found->second->width == 0) throw_input(found->second->path + ": its size cannot be read");
    (void)tags::boxes_of_image(table, id, found->second->width, found->second->height);
    out.push_back(*found->second);
  }
  return out;
}

void write_file(const fs::path& path, const std::string& text) {
  make_folder(path.parent_path());
  std::ofstream file(path, std::ios::binary);
  file << text;
  file.close();
  if (!file) throw Error(ErrorCode::environment, path.string() + ": cannot be written", "is the disk full?");
}

// LabelMe opens the picture by a path from the JSON file's own folder.
tags::KnownImage beside(const tags::KnownImage& image, const fs::path& json, const fs::path& images) {
  tags::KnownImage out = image;
  const fs::path picture = fs::absolute(images / image.path).lexically_normal();
  out.path = picture.lexically_relative(fs::absolute(json).lexically_normal().parent_path()).generic_string();
  return out;
}

void write_folder(const fs::path& place, BoxFormat to, const tags::TagTable& table,
                  const std::vector<tags::KnownImage>& images, const fs::path& pictures) {
  std::error_code error;
  if (fs::exists(place, error) && !(fs::is_directory(place, error) && fs::is_empty(place, error))) {
    throw_input(place.string() + ": exists already", "choose another --out, or remove it");
  }
  FolderDraft draft(place);
  for (const auto& image : images) {
    const auto& boxes = table.boxes(image.id);
    if (to == BoxFormat::yolo) {
      const fs::path file = image.id + ".txt";
      if (names_classes(file) || lists_images(file)) {
        throw_input(
            table.source() + ": image '" + image.id + "' has a name that YOLO's files keep for others",
            "write another format, or rename the image");
      }
      write_file(draft.path() / file, tags::yolo_text(boxes, image));
    } else {
      write_file(draft.path() / (image.id + ".json"),
                 tags::labelme_json(boxes, beside(image, place / (image.id + ".json"), pictures)));
    }
  }
  if (to == BoxFormat::yolo) write_file(draft.path() / "classes.txt", tags::yolo_classes());
  draft.take_place();
}

// Where the output is one file and a folder was named, the file gets its format's extension.
fs::path file_place(fs::path place, const char* extension) {
  if (!place.has_extension()) place += extension;
  return place;
}

stage::Summary run_convert(const ConvertOptions& options, const stage::StageIo& io,
                           const stage::Context& context) {
  const fs::path& input = io.input("boxes");
  const BoxFormat from = options.from ? *options.from : told_by(input);
  const cohort::Manifest manifest =
      io.has("images") ? arms::open_images(io.input("images")) : cohort::Manifest{};
  const auto images = known_images(manifest);
  tags::BoxReading reading(images, options.categories);
  tags::TagTable table;
  if (from == BoxFormat::tags) {
    table = tags::read_tags(input);
  } else if (from == BoxFormat::coco) {
    table = tags::parse_coco(read_text(input), input.string(), reading);
  } else {
    table = read_folder(input, from, reading, context);
  }
  table = with_source(table, options.source);

  fs::path place = io.output("converted");
  if (options.to == BoxFormat::tags) {
    place = file_place(place, ".csv");
    tags::write_tags(place, table);
  } else if (options.to == BoxFormat::coco) {
    place = file_place(place, ".json");
    write_text(place, tags::coco_json(table, sized(table, images, options.to)));
  } else {
    write_folder(place, options.to, table, sized(table, images, options.to), manifest.folder);
  }
  KindCounts kinds;
  for (const auto& id : table.images()) kinds.add(table.boxes(id));
  return {{"images", table.images().size()},
          {"boxes", kinds.json()},
          {"from", name_of(from)},
          {"to", name_of(options.to)},
          {"written", place.string()},
          {"text", std::to_string(table.images().size()) + " images, " + std::to_string(kinds.total()) +
                       " boxes (" + kinds.text() + ") from " + std::string(name_of(from)) + " to " +
                       std::string(name_of(options.to)) + ": " + place.string()}};
}

}  // namespace

stage::Stage convert() {
  return stage::make_stage<ConvertOptions>(convert_info(), run_convert);
}

}  // namespace tagconf::stages
