using System.Globalization;
using System.Text.RegularExpressions;
using OxyPlot;
using OxyPlot.Annotations;
using OxyPlot.Axes;
using OxyPlot.Series;

namespace CdfProvisioning.Reports;

/// <summary>A series of bars, one for each label of its chart.</summary>
/// <param name="Color">What the page calls its color.</param>
/// <param name="Values">How long the bars are.</param>
internal sealed record ChartSeries(string Color, IReadOnlyList<long> Values);

/// <summary>Bar charts as SVG that takes its colors and its font from the page.</summary>
internal static partial class Chart
{
    private const int Width = 440;
    private const int LineHeight = 26;
    private const int FontSize = 13;
    private const int MaxLabel = 20;

    /// <summary>How wide a character is at most, on the average: what the page writes with is not known here.</summary>
    private const double CharacterWidth = 8;

    private const string Category = "category";
    private const string Value = "value";

    /// <summary>OxyPlot knows no names of colors: each stands for one of the page.</summary>
    private static readonly Dictionary<string, OxyColor> Colors = new()
    {
        ["ink"] = OxyColor.FromRgb(1, 1, 1),
        ["quiet"] = OxyColor.FromRgb(1, 1, 2),
        ["line"] = OxyColor.FromRgb(1, 1, 3),
        ["bar"] = OxyColor.FromRgb(1, 1, 4),
        ["good"] = OxyColor.FromRgb(1, 1, 5),
        ["bad"] = OxyColor.FromRgb(1, 1, 6),
        ["warn"] = OxyColor.FromRgb(1, 1, 7),
    };

    /// <summary>Bars from left to right, one below the other; of several series, one after the other in a line.</summary>
    public static string Lying(IReadOnlyList<string> labels, params IReadOnlyList<ChartSeries> series) =>
        Draw(labels, series, isUpright: false, height: (labels.Count * LineHeight) + 8);

    /// <summary>Bars that stand side by side.</summary>
    public static string Upright(IReadOnlyList<string> labels, params IReadOnlyList<ChartSeries> series) => Draw(labels, series, isUpright: true, height: 190);

    private static string Draw(IReadOnlyList<string> labels, IReadOnlyList<ChartSeries> series, bool isUpright, int height)
    {
        var model = new PlotModel { Padding = new(0), PlotMargins = Margins(labels, series, isUpright), PlotAreaBorderThickness = new(0), TextColor = Colors["ink"], DefaultFontSize = FontSize };
        var categories = new CategoryAxis
        {
            Key = Category,
            Position = isUpright ? AxisPosition.Bottom : AxisPosition.Left,
            GapWidth = 0.45,
            IsTickCentered = true,
            TicklineColor = OxyColors.Transparent,
            AxislineStyle = LineStyle.Solid,
            AxislineColor = Colors["line"],
        };
        categories.Labels.AddRange(labels.Select(Shortened));
        if (!isUpright)
            (categories.StartPosition, categories.EndPosition) = (1, 0);
        model.Axes.Add(categories);
        model.Axes.Add(new LinearAxis
        {
            Key = Value,
            Position = isUpright ? AxisPosition.Left : AxisPosition.Bottom,
            AbsoluteMinimum = 0,
            Minimum = 0,
            MaximumPadding = isUpright ? 0.12 : 0,
            MinimumMajorStep = 1,
            IsAxisVisible = isUpright,
            StringFormat = "#,0",
            TextColor = Colors["quiet"],
            TicklineColor = OxyColors.Transparent,
            MajorGridlineStyle = LineStyle.Solid,
            MajorGridlineColor = Colors["line"],
        });
        foreach (var (color, values) in series)
        {
            var bars = new BarSeries
            {
                XAxisKey = Value,
                YAxisKey = Category,
                FillColor = Colors[color],
                IsStacked = series.Count > 1,
            };
            bars.Items.AddRange(values.Select(value => new BarItem(value)));
            model.Series.Add(bars);
        }

        if (!isUpright)
            for (var i = 0; i < labels.Count; i++)
            {
                var end = series.Sum(s => s.Values[i]);
                model.Annotations.Add(new TextAnnotation
                {
                    XAxisKey = Value,
                    YAxisKey = Category,
                    TextPosition = new(end, i),
                    Text = Number(end),
                    TextColor = Colors["quiet"],
                    ClipByXAxis = false,
                    ClipByYAxis = false,
                    TextHorizontalAlignment = HorizontalAlignment.Left,
                    TextVerticalAlignment = VerticalAlignment.Middle,
                    StrokeThickness = 0,
                    Padding = new(0),
                    Offset = new(5, 0),
                });
            }

        return OfThePage(new SvgExporter { Width = Width, Height = height, IsDocument = false }.ExportToString(model), labels.Count);
    }

    private static string OfThePage(string svg, int bars)
    {
        svg = svg[svg.IndexOf("<svg", StringComparison.Ordinal)..];
        foreach (var (name, color) in Colors)
            svg = svg.Replace($"rgb({color.R},{color.G},{color.B})", $"var(--{name})", StringComparison.Ordinal);
        svg = Fill().Replace(svg, "style=\"fill:$1\"");
        svg = Font().Replace(svg, "");
        svg = Clip().Replace(svg, "");
        var about = $"Chart of {bars} bars; the figures are in the table below.";
        return Size().Replace(svg, $"<svg role=\"img\" aria-label=\"{about}\" viewBox=\"0 0 $1 $2\"", 1);
    }

    /// <summary>Room for the labels of the bars, and for their figures behind them, or for those of the axis.</summary>
    private static OxyThickness Margins(IReadOnlyList<string> labels, IReadOnlyList<ChartSeries> series, bool isUpright)
    {
        var figures = Number(Enumerable.Range(0, labels.Count).Max(i => series.Sum(s => s.Values[i]))).Length * CharacterWidth;
        return isUpright ? new(figures + 16, 0, 0, 24) : new((labels.Max(label => Shortened(label).Length) * CharacterWidth) + 10, 0, figures + 10, 0);
    }

    private static string Number(long number) => number.ToString("#,0", CultureInfo.InvariantCulture);

    private static string Shortened(string label) => label.Length <= MaxLabel ? label : $"{label[..(MaxLabel - 1)]}…";

    [GeneratedRegex(@"\bfill=""(var\([^)]*\))""")]
    private static partial Regex Fill();

    [GeneratedRegex(@" font-family=""[^""]*""")]
    private static partial Regex Font();

    /// <summary>Labels beside bars are not cut where the bars end; and ids would be given twice in a page.</summary>
    [GeneratedRegex(@"<defs>.*?</defs>| clip-path=""[^""]*""", RegexOptions.Singleline)]
    private static partial Regex Clip();

    [GeneratedRegex(@"<svg width=""(\d+)"" height=""(\d+)""")]
    private static partial Regex Size();
}
