# Milliseconds of processor time of pROC's two roc() and the paired DeLong test on the data of `bench_stats write`, from arrays in
# memory. Usage: Rscript time_proc.R FILE N
suppressMessages(library(pROC))
arguments <- commandArgs(trailingOnly = TRUE)
n <- as.integer(arguments[2])
values <- readBin(arguments[1], "double", 3 * n)
label <- values[1:n]
a <- values[(n + 1):(2 * n)]
b <- values[(2 * n + 1):(3 * n)]
compare <- function() {
  x <- roc(label, a, levels = c(0, 1), direction = "<", quiet = TRUE)
  y <- roc(label, b, levels = c(0, 1), direction = "<", quiet = TRUE)
  roc.test(x, y, method = "delong", paired = TRUE)
}
test <- compare()
now <- function() sum(proc.time()[c("user.self", "sys.self")]) * 1000
for (round in 1:3) {
  gc(FALSE)
  start <- now()
  compare()
  cat("proc", now() - start, "ms\n")
}
cat("z", sprintf("%.12g", test$statistic), "\n")
