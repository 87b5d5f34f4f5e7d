# What pROC says about two models scored on the same cases: one line a number, "file key value", 17 digits.
# Usage: Rscript proc.R FILE.csv ... (columns label, a, b; label 1 = positive; larger score = more positive),
# or Rscript proc.R --binormal AUC_A AUC_B R_POSITIVES R_NEGATIVES NEGATIVES_PER_POSITIVE
suppressMessages(library(pROC))
arguments <- commandArgs(trailingOnly = TRUE)
tell <- function(where, key, value) cat(where, key, sprintf("%.17g", as.numeric(value)), sep = " ", fill = TRUE)

if (length(arguments) > 0 && arguments[1] == "--binormal") {
  x <- as.numeric(arguments[-1])
  a <- sqrt(2) * qnorm(x[1:2])
  tell("binormal", "variance_a", pROC:::var.params.obuchowski(a[1], 1, x[5]))
  tell("binormal", "covariance", pROC:::cov.params.obuchowski(a[1], 1, a[2], 1, x[4], x[3], x[5]))
  quit()
}
for (file in arguments) {
  data <- read.csv(file)
  curve <- function(scores) roc(data$label, scores, levels = c(0, 1), direction = "<", quiet = TRUE)
  a <- curve(data$a)
  b <- curve(data$b)
  test <- roc.test(a, b, method = "delong", paired = TRUE)
  tell(file, "auc_a", auc(a))
  tell(file, "auc_b", auc(b))
  tell(file, "var_a", var(a, method = "delong"))
  tell(file, "var_b", var(b, method = "delong"))
  tell(file, "cov", cov(a, b, method = "delong"))
  ci <- ci.auc(a, method = "delong")
  tell(file, "ci_low_a", ci[1])
  tell(file, "ci_high_a", ci[3])
  tell(file, "z", test$statistic)
  tell(file, "p", test$p.value)
  tell(file, "diff_low", test$conf.int[1])
  tell(file, "diff_high", test$conf.int[2])
}
