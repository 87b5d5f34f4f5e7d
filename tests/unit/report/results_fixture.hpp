// A results.json of the size and kind that a three-arm study on MURA would give. The numbers are made up.
#pragma once

#include <string>
#include <vector>

#include "tagconf/base/json_text.hpp"

namespace tagconf::test {

inline Json interval(double centre, double half) {
  return Json::array({centre - half, centre + half});
}

inline Json model(const std::string& train, const std::string& test, double auc, double half, int n,
                  int n_pos) {
  const std::string name = train == test ? train : train + "@" + test;
  return {{"name", name},
          {"train_arm", train},
          {"test_arm", test},
          {"seed", nullptr},
          {"n", n},
          {"n_pos", n_pos},
          {"clusters", n / 4},
          {"state", "estimable"},
          {"auc", auc},
          {"delong", {{"se", half / 1.96}, {"ci", interval(auc, half)}, {"ci_logit", interval(auc, half)}}},
          {"hanley_mcneil", {{"se", half / 1.9}}},
          {"clustered",
           {{"se", 1.4 * half / 1.96},
            {"ci", interval(auc, 1.4 * half)},
            {"ci_logit", interval(auc, 1.4 * half)}}},
          {"bootstrap", {{"ci", interval(auc, 1.4 * half)}, {"replicates", 2000}}},
          {"average_precision", 0.83},
          {"brier", 0.16},
          {"ece", 0.05},
          {"operating_points", Json::array({{{"rule", "probability>=0.5"},
                                             {"threshold", 0.5},
                                             {"sensitivity", 0.7},
                                             {"specificity", 0.8}}})}};
}

inline Json comparison(const std::string& a, const std::string& b, double difference, double p,
                       double p_clustered) {
  return {
      {"a", a},
      {"b", b},
      {"difference", difference},
      {"state", "estimable"},
      {"delong", {{"se", 0.0056}, {"z", 2.3}, {"p", p}, {"ci", interval(difference, 0.011)}}},
      {"clustered", {{"se", 0.0075}, {"z", 1.7}, {"p", p_clustered}, {"ci", interval(difference, 0.0147)}}},
      {"p_holm", p},
      {"p_holm_clustered", p_clustered}};
}

inline Json unit(const std::string& name, const std::string& subset, int n, int n_pos, double half) {
  return {{"unit", name},
          {"subset", subset},
          {"n", n},
          {"models", Json::array({model("original", "original", 0.844, half, n, n_pos),
                                  model("covered", "covered", 0.857, half, n, n_pos),
                                  model("tags_only", "tags_only", 0.638, 1.5 * half, n, n_pos)})},
          {"comparisons", Json::array({comparison("covered", "original", 0.013, 0.0207, 0.083),
                                       comparison("tags_only", "original", -0.206, 1e-30, 1e-20),
                                       comparison("tags_only", "covered", -0.219, 1e-31, 1e-22)})},
          {"global", {{"chi2", 218.4}, {"df", 2}, {"p", 1e-40}}},
          {"by_body_part", Json::array()},
          {"seeds", Json::array()}};
}

inline Json made_up_results() {
  Json image = unit("image", "all", 3197, 1530, 0.014);
  image["models"].push_back(model("original", "covered", 0.839, 0.014, 3197, 1530));
  image["models"].push_back(model("covered", "original", 0.852, 0.014, 3197, 1530));
  image["comparisons"].push_back(comparison("original@covered", "original", -0.005, 0.31, 0.42));
  for (const char* part : {"ELBOW", "FINGER", "FOREARM", "HAND", "HUMERUS", "SHOULDER", "WRIST"}) {
    image["by_body_part"].push_back(
        {{"body_part", part},
         {"n", 450},
         {"models", Json::array({model("original", "original", 0.83, 0.037, 450, 215),
                                 model("covered", "covered", 0.85, 0.035, 450, 215),
                                 model("tags_only", "tags_only", 0.63, 0.05, 450, 215)})},
         {"comparisons", Json::array({comparison("covered", "original", 0.02, 0.11, 0.19)})}});
  }
  return {{"schema", "tagconf.evaluate/1"},
          {"split", "test"},
          {"optimistic", false},
          {"cluster", "patient_id"},
          {"aggregation", "mean"},
          {"units", Json::array({image, unit("image", "tagged", 2810, 1402, 0.015),
                                 unit("study", "all", 1199, 538, 0.021)})}};
}

}  // namespace tagconf::test
