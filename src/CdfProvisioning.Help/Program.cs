using System.Reflection;
using System.Xml.Linq;
using CdfProvisioning.Help;

// Writes the help of a module's assembly, MAML, from its XML documentation file: en-US/<assembly>-Help.xml beside it.
if (args is not [var assemblyPath])
{
    Console.Error.WriteLine("usage: CdfProvisioning.Help <assembly with cmdlets>");
    return 1;
}

var documentation = new XmlDocumentation(XDocument.Load(Path.ChangeExtension(assemblyPath, ".xml")));
var help = MamlHelp.Of(Assembly.LoadFrom(assemblyPath), documentation);

var folder = Directory.CreateDirectory(Path.Combine(Path.GetDirectoryName(Path.GetFullPath(assemblyPath))!, "en-US"));
help.Save(Path.Combine(folder.FullName, Path.GetFileName(assemblyPath) + "-Help.xml"));
return 0;
